"""サインイン: whole sign-ins by password, and second stages by an app's code, a CPU second; beside privacyIDEA.

Both are asked in process through their HTTP doors, one request after another, on SQLite; the peer runs in an
environment of its own and checks a HOTP code without a PIN. The limit of a password is its hash alone: one check of the
house's Argon2 parameters.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyotp
from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.test import Client
from django.utils import timezone

from bench import crowd
from warifu.credentials.actions import activation, authenticators, signin
from warifu.foundation.actor import SYSTEM, Role
from warifu.notices import links
from warifu.organisations import actions as organisations
from warifu.organisations import queries as organisation_queries
from warifu.web.entrance.signin import PROCESS_COOKIE

PEOPLE = 300
"""Each gives one code: a code counts once."""

SIGN_INS = 40
PASSWORD = "umibe no michi wo aruku"


def workloads() -> Iterator[dict[str, Any]]:
    """Passwords beside their hash, and codes beside the peer's."""
    at = timezone.now()
    organisation_id, _member_id = crowd.organisation(at)
    code = organisation_queries.organisation(organisation_id=organisation_id).code
    people = [
        organisations.add_member(
            organisation_id=organisation_id,
            roles=Role.EMPLOYEE,
            family_name="計測",
            mail=f"person{i}@example.jp",
            by=SYSTEM,
            at=at,
        )
        for i in range(PEOPLE)
    ]
    whole, limit = _passwords(code, organisation_id, people[0], at)
    yield {
        "name": "sign-in by password, known device",
        "n": SIGN_INS,
        "ours": round(whole, 1),
        "limit": round(limit, 1),
        "ratio": round(whole / limit, 2),
        "unit": "sign-ins per CPU second",
    }
    codes, peer = _codes(organisation_id, people[1:], at), _peer()
    yield {
        "name": "second stage by an app's code, to the open session",
        "n": PEOPLE - 1,
        "ours": round(codes, 1),
        "peer": peer and round(peer, 1),
        "ratio": peer and round(codes / peer, 2),
        "unit": "codes per CPU second",
    }


def _passwords(code: str, organisation_id: Any, member_id: Any, at: datetime) -> tuple[float, float]:
    link = activation.issue(organisation_id=organisation_id, member_id=member_id, purpose="first", by=SYSTEM, at=at)
    token = links.resolve(link).rstrip("/").rsplit("/", 1)[-1]
    activation.use(token=token, password=PASSWORD, at=at, browser="", address="127.0.0.1")
    client = Client()
    form = {"organisation": code, "identifier": "person0@example.jp", "password": PASSWORD}

    def sign_in() -> None:
        client.cookies.pop(settings.SESSION_COOKIE, None)
        answer = client.post("/signin/", form)
        if answer.status_code != 302 or not answer.headers["Location"].startswith("/my/"):
            raise RuntimeError(f"the sign-in answered {answer.status_code} {answer.headers.get('Location')}")

    hashed = make_password(PASSWORD)
    for work in (sign_in, lambda: check_password(PASSWORD, hashed)):
        work()
    whole = _rate(sign_in)
    return whole, _rate(lambda: check_password(PASSWORD, hashed))


def _rate(work: Any) -> float:
    started = time.process_time()
    for _ in range(SIGN_INS):
        work()
    return SIGN_INS / (time.process_time() - started)


def _codes(organisation_id: Any, people: list[Any], at: datetime) -> float:
    ready = []
    for member_id in people:
        member = organisation_queries.member(organisation_id=organisation_id, member_id=member_id)
        actor = organisation_queries.actor_of(member=member)
        made = authenticators.start(organisation_id=organisation_id, name="電話", by=actor, at=at)
        first = pyotp.TOTP(made.secret).at(at)
        authenticators.confirm(organisation_id=organisation_id, code=first, by=actor, at=at)
        token = signin.begin_for(
            organisation_id=organisation_id, member=member, subject=str(member_id), factors=("external",), at=at
        )
        ready.append((token, made.secret))
    client, spent = Client(), 0.0
    client.get("/signin/")
    for token, secret in ready:
        client.cookies.clear()
        client.cookies[PROCESS_COOKIE] = token
        # The next time step, which the house accepts from a clock a little fast and has not used up yet.
        code = pyotp.TOTP(secret).at(time.time() + 30)
        started = time.process_time()
        answer = client.post("/signin/second/", {"code": code})
        spent += time.process_time() - started
        if answer.status_code != 302 or settings.SESSION_COOKIE not in answer.cookies:
            raise RuntimeError(f"the second stage answered {answer.status_code}")
    return len(ready) / spent


def _peer() -> float | None:
    python = os.environ.get("WARIFU_BENCH_PEER_PYTHON")
    if not python:
        return None
    script = Path(__file__).with_name("peer_privacyidea.py")
    done = subprocess.run([python, str(script), str(PEOPLE)], check=True, capture_output=True, text=True)
    return float(json.loads(done.stdout.splitlines()[-1])["rate"])
