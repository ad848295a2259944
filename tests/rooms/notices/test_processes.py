"""お知らせ: real worker processes on one database, killed with SIGKILL or side by side; nothing is sent twice."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.rooms.notices.conftest import Server
from tests.server import ROOT, installation

LETTERS = 40

SCRIPT = """
import json, sys
from datetime import timedelta
import django
django.setup()
from django.db import transaction
from tests.cast import MORNING
from tests.rooms.notices.conftest import invitation
from warifu.foundation.actor import OPERATOR, SYSTEM
from warifu.notices import actions
from warifu.notices.models import Letter
from warifu.organisations import actions as organisations

command, number = sys.argv[1], int(sys.argv[2])
if command == "post":
    organisation_id = organisations.create(code="aoba", name="青葉", by=OPERATOR, at=MORNING)
    with transaction.atomic():
        letters = [
            actions.Addressed(
                letter=invitation(), member_id=None, to_mail=f"x{n}@example.jp", to_name="", key=f"x{n}"
            )
            for n in range(number)
        ]
        actions.post_many(letters=letters, organisation_id=organisation_id, by=SYSTEM, at=MORNING)
elif command == "deliver":
    print("ready", flush=True)
    while actions.deliver_due(at=MORNING + timedelta(minutes=number), limit=7):
        pass
print(json.dumps(dict(Letter.objects.values_list("to_mail", "state"))))
"""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(server: Server, settings: Any) -> Iterator[Start]:
    """Start a process of an installation of its own, whose mail server is the test's."""
    mail = {"mail_host": settings.EMAIL_HOST, "mail_port": str(settings.EMAIL_PORT), "mail_security": "none"}
    with installation(**mail, log_level="ERROR") as own:

        def begin(command: str, number: int) -> subprocess.Popen[str]:
            words = [sys.executable, "-c", SCRIPT, command, str(number)]
            return subprocess.Popen(words, env=own.environment, cwd=ROOT, stdout=subprocess.PIPE, text=True)

        yield begin


def end(process: subprocess.Popen[str]) -> dict[str, str]:
    """Wait for a process; returns the states that it printed last."""
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    states: dict[str, str] = json.loads(said.splitlines()[-1])
    return states


@pytest.mark.parametrize("after", [1, 23])
@pytest.mark.shows("001-11")
def test_a_killed_worker_loses_nothing_and_nothing_is_sent_twice(start: Start, server: Server, after: int) -> None:
    end(start("post", LETTERS))
    victim = start("deliver", 0)
    until = time.monotonic() + 120
    while len(server.accepted) < after and time.monotonic() < until:
        select.select([], [], [], 0.001)
    victim.kill()
    victim.communicate()
    states = end(start("deliver", 10))
    assert max(Counter(server.recipients()).values()) == 1
    arrived = set(server.recipients())
    for address, state in states.items():
        if state == "accepted":
            assert address in arrived
        else:
            assert state == "uncertain"
    assert Counter(states.values())["uncertain"] <= 1
    assert len(arrived) >= LETTERS - 1


def test_two_workers_side_by_side_send_each_letter_once(start: Start, server: Server) -> None:
    end(start("post", LETTERS))
    workers = [start("deliver", 0), start("deliver", 0)]
    for worker in workers:
        assert end(worker)
    assert Counter(server.recipients()) == {f"x{n}@example.jp": 1 for n in range(LETTERS)}
