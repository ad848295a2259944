"""Every kind of caller of the doors, and rows of Aoba that nobody else may touch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.test import Client

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.collection import submitted
from warifu.credentials.actions import activation, departures, sealed_notices, sessions, tokens
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.notices import links
from warifu.organisations import actions as organisations
from warifu.organisations import queries

CALLERS = ("nobody", "token", "left", "inoue", "aoki", "eto", "okada", "reception", "ueno")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Clients by caller, their actors (None for those who are nobody), and Aoba's ids by the name of a path's part."""

    clients: dict[str, Client]
    actors: dict[str, Actor | None]
    ids: dict[str, Any]


def set_scene(cast: Cast, at: datetime) -> Scene:
    """Everybody at their browsers, at a moment."""
    left = _hire(cast, "小田", "k007", Role.ADMINISTRATOR | Role.HANDLER)
    reception = _hire(cast, "加藤", "k008", Role.RECEIVER)
    ids = _rows(cast, at)
    actors = {
        "nobody": None,
        "token": None,
        "left": None,
        "inoue": cast.inoue,
        "aoki": cast.aoki,
        "eto": cast.eto,
        "okada": cast.okada,
        "reception": reception,
        "ueno": cast.ueno,
    }
    clients = {name: signed_in_client(actor, at=at) for name, actor in actors.items() if actor}
    clients["left"] = signed_in_client(left, at=at)
    assert left.id is not None
    departures.record(organisation_id=cast.aoba, member_id=left.id, left_on=date(2026, 11, 20), by=SYSTEM, at=at)
    clients["nobody"] = Client()
    clients["token"] = Client(HTTP_AUTHORIZATION=f"Bearer {ids.pop('bearer')}")
    for client in clients.values():
        client.raise_request_exception = False
    return Scene(clients=clients, actors=actors, ids=ids)


def _hire(cast: Cast, family_name: str, code: str, roles: Role) -> Actor:
    member_id = organisations.add_member(
        organisation_id=cast.aoba,
        roles=roles,
        family_name=family_name,
        mail=f"{code}@example.jp",
        employee_code=code,
        by=SYSTEM,
        at=MORNING,
    )
    member = queries.member(organisation_id=cast.aoba, member_id=member_id)
    return queries.actor_of(member=member, level=2, authenticated_at=MORNING)


def _rows(cast: Cast, at: datetime) -> dict[str, Any]:
    """A row of Aoba for every name that stands in a path; a new name in a path needs a row here."""
    case = submitted.waiting(cast)
    spouse = submitted.spouse(case, path="A")
    assert cast.inoue.id is not None
    bearer = tokens.issue(
        organisation_id=cast.aoba,
        name="人事システム",
        scopes=[scope.value for scope in tokens.SCOPES],
        valid_until=at + timedelta(days=30),
        by=cast.aoki,
        at=at,
    )
    sessions.start(member_id=cast.inoue.id, level=2, browser="another", address="192.0.2.1", at=at)
    activation.send(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.aoki, at=at)
    link = links.resolve(links.LateLink(kind="activation", reference=str(_newest("credentials.Activation"))))
    apps.get_model("collection.Roster").objects.create(
        organisation_id=cast.aoba,
        file_name="名簿.csv",
        file_ref=case.entry_id,
        file_hash="0" * 64,
        state="checked",
        uploaded_at=at,
    )
    assert cast.okada.id is not None
    sealed_notices.issue(
        organisation_id=cast.aoba,
        member_id=cast.okada.id,
        lets_in=cast.inoue.id,
        subject="職員ID i002 の初期パスワード",
        starts_on=date(2026, 12, 1),
        by=cast.aoki,
        at=at,
    )
    return {
        "bearer": bearer,
        "notice_id": _newest("credentials.SealedNotice"),
        "day": "2026-12-02",
        "member_id": cast.inoue.id,
        "entry_id": case.entry_id,
        "submission_id": case.submission_id,
        "document_id": case.document_ids[0],
        "dependent_id": spouse.id,
        "roster_id": _newest("collection.Roster"),
        "letter_id": _newest("notices.Letter"),
        "token_id": _newest("credentials.Token"),
        "session_id": _newest("credentials.Session"),
        "message_id": case.entry_id,
        "token": link.rstrip("/").rsplit("/", 1)[-1],
        "kind": "invitation",
        "desk:rosters.template:kind": "csv",
        "desk:rosters.problem_file:kind": "csv",
        "form": "bare",
        "code": "WF-A404",
    }


def _newest(model: str) -> UUID:
    found: UUID = apps.get_model(model).objects.latest("id").id
    return found
