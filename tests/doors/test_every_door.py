"""Every address with every kind of caller: who may enter, and that a refused call changes nothing (B1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.callers import CALLERS, Scene, set_scene
from tests.doors.conftest import signed_in_client
from warifu.foundation.actor import Actor
from warifu.organisations.rules import may
from warifu.web.shared.doors import Rule

pytestmark = pytest.mark.django_db

PUBLISHED = {"ca.root", "ca.certificate", "ca.revocation_list", "ca.ocsp", "ca.ocsp_get"}
"""What the authorities publish for programs: OCSP asks by POST, and its answer changes nothing (RFC 6960)."""
OUTSIDE_THE_WINGS = {"healthz", "readyz", "metrics", *PUBLISHED}
DOORS_OF_PROGRAMS = {"warifu.api.urls", "warifu.api.scim", "warifu.api.oidc"}
"""Open to a token or a secret and to no cookie: tests/doors/api and tests/doors/entrance/test_sharing walk them."""
NOTED = {"credentials_attempt", "audit_entry", "credentials_session"}
"""Tables that a refused call may touch: the limiter, the denial in the trail, the moment a session was last used."""
LOOKING_IS_NOTED = NOTED | {"vault_userecord", "collection_look", "cards_mykeyticket"}
"""Tables that a permitted GET may touch: to look at a number or a picture is itself recorded (S-03), and so is that
somebody still waits in line."""
OPEN_TO_ALL = {"scheme_id"}
"""Rows of the operator that every organisation may see."""

_WRITE = re.compile(r'^\s*(?:INSERT (?:OR IGNORE )?INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Door:
    """One address of the resolver."""

    name: str
    parts: tuple[str, ...]
    view: Callable[..., Any]

    @property
    def rule(self) -> Rule | None:
        """What the view says of itself."""
        return getattr(self.view, "rule", None)

    def address(self, scene: Scene) -> str:
        """The address with Aoba's ids in it."""
        return reverse(self.name, kwargs={part: self._part(scene, part) for part in self.parts})

    def _part(self, scene: Scene, part: str) -> Any:
        return scene.ids.get(f"{self.name}:{part}", scene.ids.get(part)) or scene.ids[part]


def all_doors() -> list[Door]:
    """Every address but those of the API, which has its own walk."""
    return list(_walk(get_resolver().url_patterns, ()))


def _walk(patterns: list[Any], spaces: tuple[str, ...]) -> Iterator[Door]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            if getattr(pattern.urlconf_name, "__name__", "") in DOORS_OF_PROGRAMS:
                continue
            inner = (*spaces, pattern.namespace) if pattern.namespace else spaces
            yield from _walk(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            name = ":".join((*spaces, pattern.name or "nameless"))
            yield Door(name=name, parts=tuple(pattern.pattern.converters), view=pattern.callback)


class Writes:
    """Notes the tables of which statements have hit a row."""

    def __init__(self) -> None:
        self.tables: set[str] = set()

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if (match := _WRITE.match(sql)) and context["cursor"].rowcount != 0:
            self.tables.add(match[1])
        return result


@pytest.fixture
def scene(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Scene:
    """Everybody at their browsers, on the morning of the cast."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    return set_scene(cast, MORNING)


def call(client: Client, method: str, address: str) -> tuple[HttpResponse, set[str]]:
    """Call an address and take everything back; returns the answer and the tables that it wrote to."""
    writes = Writes()
    cookies = client.cookies
    client.cookies = SimpleCookie({name: morsel.value for name, morsel in cookies.items()})
    before = transaction.savepoint()
    with connection.execute_wrapper(writes):
        answer = client.get(address) if method == "GET" else client.post(address)
        if getattr(answer, "streaming", False):
            b"".join(answer)  # type: ignore[arg-type]
    transaction.savepoint_rollback(before)
    client.cookies = cookies
    return answer, writes.tables


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables but `NOTED`."""
    found = {}
    for model in apps.get_models():
        table = model._meta.db_table
        if table not in NOTED:
            found[table] = list(model._default_manager.order_by("pk").values_list())
    return found


def test_every_view_says_who_may_enter() -> None:
    silent = [door.name for door in all_doors() if door.rule is None and door.name not in OUTSIDE_THE_WINGS]
    assert silent == []


def test_no_view_is_exempt_from_the_forms_token() -> None:
    exempt = {door.name for door in all_doors() if getattr(door.view, "csrf_exempt", False)}
    assert exempt - {"ca.ocsp", "ca.ocsp_get"} == set()


@pytest.mark.shows("V-01", "S-09", "P-07")
@pytest.mark.parametrize("caller", CALLERS)
def test_a_door_opens_for_those_it_names_and_a_refused_call_changes_nothing(caller: str, scene: Scene) -> None:
    client, actor = scene.clients[caller], scene.actors[caller]
    before = everything()
    faults = []
    for door in all_doors():
        if door.name in OUTSIDE_THE_WINGS or door.rule is None:
            continue
        for method in ("GET", "POST"):
            answer, written = call(client, method, door.address(scene))
            for fault in _faults(door, actor, caller, answer, written, method):
                faults.append(f"{method} {door.name}: {fault}")
    assert faults == [], "\n".join(faults)
    assert everything() == before


def _faults(
    door: Door, actor: Actor | None, caller: str, answer: HttpResponse, written: set[str], method: str
) -> Iterator[str]:
    assert door.rule is not None
    status = answer.status_code
    permission = door.rule.permission
    if status >= 500:
        yield f"answers {status}"
    if permission is None:
        return
    to_sign_in = status == 302 and answer.headers["Location"].startswith("/signin/")
    if actor is None or actor.organisation_id is None:
        yield from _closed(to_sign_in or status == 405, f"answers {status} to somebody who is not signed in", written)
        return
    if not may(by=actor, permission=permission, organisation_id=actor.organisation_id):
        yield from _closed(status in (403, 405), f"answers {status} to somebody without {permission.value}", written)
        return
    if to_sign_in or (status == 403 and b"WF-O101" in _content(answer)):
        yield f"refuses somebody with {permission.value} ({status})"
    if method == "GET" and written - LOOKING_IS_NOTED:
        yield f"writes to {written - LOOKING_IS_NOTED} on GET"
    if caller == "ueno":
        yield from _leaks(door, answer, written, method)


def _closed(is_right: bool, fault: str, written: set[str]) -> Iterator[str]:
    if not is_right:
        yield fault
    if written - NOTED:
        yield f"refuses, but writes to {written - NOTED}"


def _leaks(door: Door, answer: HttpResponse, written: set[str], method: str) -> Iterator[str]:
    """What another organisation's people would learn or change."""
    ids = [part for part in door.parts if part.endswith("_id") and part not in OPEN_TO_ALL]
    leads_back = method == "POST" and answer.status_code == 302
    if ids and answer.status_code not in (404, 405) and not leads_back:
        yield f"answers {answer.status_code} about another organisation's row"
    if ids and written - NOTED:
        yield f"writes to {written - NOTED} about another organisation's row"
    content = _content(answer).decode(errors="replace")  # some answers are files
    for word in ("井上", "郁", "青葉", "aoba", "i002", "江藤", "岡田"):
        if word in content:
            yield f"shows {word} to another organisation"


def _content(answer: HttpResponse) -> bytes:
    return b"" if getattr(answer, "streaming", False) else answer.content


@pytest.mark.shows("V-08")
def test_every_form_wants_its_token(cast: Cast, scene: Scene) -> None:
    """No POST gets past the door without the token, whoever sends it."""
    for actor in (cast.aoki, cast.eto):
        client = signed_in_client(actor, at=MORNING, enforce_csrf_checks=True)
        for door in all_doors():
            if door.name not in OUTSIDE_THE_WINGS:
                answer, written = call(client, "POST", door.address(scene))
                assert (door.name, answer.status_code) == (door.name, 403)
                assert b"WF-A403" in answer.content
                assert written - NOTED == set(), door.name


@pytest.mark.shows("V-09")
def test_a_refused_door_is_noted_in_the_trail_but_not_without_end(cast: Cast, scene: Scene) -> None:
    from warifu.audit import queries as audit

    for _ in range(20):
        scene.clients["inoue"].get("/desk/members/")
    lines = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.access.denied")
    assert 1 <= len(lines) <= 5
    assert lines[0].values == {"view": "desk:members.listing", "permission": "members:write"}
    assert lines[0].actor == "井上 郁"


@pytest.mark.shows("L-25")
def test_doors_that_want_a_recent_proof_lead_to_relogin(
    cast: Cast, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    monkeypatch.setattr(timezone, "now", lambda: MORNING + timedelta(minutes=6))
    wanting = [door for door in all_doors() if door.rule and door.rule.recent]
    assert {"desk:verification.reveal", "desk:trail.export", "desk:members.roles"} <= {door.name for door in wanting}
    for door in wanting:
        assert door.rule is not None
        for name in ("aoki", "eto", "okada"):
            actor = scene.actors[name]
            assert actor is not None
            if may(by=actor, permission=door.rule.permission, organisation_id=cast.aoba):  # type: ignore[arg-type]
                answer, written = call(scene.clients[name], "POST", door.address(scene))
                assert answer.status_code == 302, door.name
                assert answer.headers["Location"].startswith("/relogin/"), door.name
                assert written - NOTED == set()
