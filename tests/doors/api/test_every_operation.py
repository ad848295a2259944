"""Every operation of the API with every kind of caller: a refused call changes nothing (B1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.api.conftest import ALL, OF_OPERATOR, Program, head_of
from tests.doors.conftest import signed_in_client
from tests.rooms.applications.office import Office, draft, open_office, submitted
from tests.rooms.folders import office as folders
from tests.rooms.licences.shop import new_card, open_shop, registered
from warifu.api.v1 import reference
from warifu.collection.actions import entries, rosters
from warifu.credentials.models import Token
from warifu.licences.models import Licence, RegistrationCard
from warifu.organisations.rules import Permission

pytestmark = pytest.mark.django_db

SCOPES = {
    "people": Permission.PEOPLE_VIEW.value,
    "verifications": Permission.PEOPLE_VIEW.value,
    "invitations": Permission.INVITE.value,
    "reminders": Permission.INVITE.value,
    "rosters": Permission.ROSTER_LOAD.value,
    **dict.fromkeys(
        ("schemes", "user-ids", "application-days", "bills", "applications", "registrations", "starts"),
        Permission.APPLY.value,
    ),
    "review": Permission.REVIEW.value,
    "folders": Permission.FOLDERS_READ.value,
    "post folders": Permission.FOLDERS_FILE.value,
    **dict.fromkeys(("products", "batches", "licences"), Permission.LICENCES_MANAGE.value),
}
PERSON = {"name": "青木 葵", "mail": "a001@example.jp"}
BODIES: dict[str, Any] = {
    "/applications": {"procedure": "user_codes", "operation": "add"},
    "/applications/{application_id}": {"version": 2, "values": {"reason": "通関業を始めるため", "person": PERSON}},
    "/applications/{application_id}/submit": {"version": 2},
    "/ask": {"comments": {"reason": "くわしく"}},
    "/approve": {"confirmed_start": "2026-12-10"},
    "/reject": {"reason": "対象外"},
    "/hold": {"reason": "照会中"},
    "/products": {"code": "other", "name": "割符"},
    "/terms": {"code": "use", "title": "利用規約", "body": "第1条"},
    "/batches": {"name": "12月分", "channel": "box", "count": 2, "register_until": "2027-03-31"},
    "/revoke": {"reason": "返品"},
    "/columns": {"columns": {}},
    "/registrations": {"number": "R", "confirmation": "C"},
    "/registrations/complete": {
        "token": "x",
        "terms": [],
        "company": {"name": "桧", "person": "桧 花子", "mail": "h@hinoki.example", "phone": "03-1234-5678"},
        "support_confirmation": "S",
    },
    "/starts": {"number": "R", "key": "L", "product": "01a20f39-4e62-7000-b800-e972b5b99264", "issued_to": "HINOKI"},
}
"""What fits an operation, by how its path ends; what is missing is in `ids`."""
NOTED = {"credentials_attempt", "credentials_token", "audit_entry"}
"""Tables that a refused call may touch: the limiter, the moment a token was last used, the denial in the trail."""
ROSTER = "社員番号,姓,名,メールアドレス\nz901,山田,花子,z901@example.jp\n".encode()

_WRITE = re.compile(r'^\s*(?:INSERT (?:OR IGNORE )?INTO|UPDATE|DELETE FROM)\s+"?(\w+)"?', re.IGNORECASE)


def operations() -> Iterator[tuple[str, str]]:
    """Every method and path of the document but the agent's, whose door is another one (`test_agent`)."""
    for path, methods in reference.schema()["paths"].items():
        for method in methods:
            if not path.startswith("/api/v1/agent/"):
                yield method, path


def scope_of(method: str, path: str) -> str:
    """The scope that an operation needs."""
    place = path.split("/")[3]
    return SCOPES.get(f"{method} {place}", "") or SCOPES[place]


@pytest.fixture
def ids(cast: Cast, office: Office) -> dict[str, str]:
    """A person, a roster and a draft of Aoba's."""
    assert cast.inoue.id is not None
    person = entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.aoki, at=MORNING)
    roster = rosters.receive(organisation_id=cast.aoba, file_name="r.csv", content=ROSTER, by=cast.aoki, at=MORNING)
    folder = folders.filled(cast).ids
    return {
        "folder_id": str(folder["folder_id"]),
        "record_id": str(folder["record_id"]),
        "person_id": str(person),
        "roster_id": str(roster),
        "application_id": str(draft(cast, office)),
        "month": "2026-12-01",
    }


@pytest.fixture
def office(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The operator's office, on the morning of the cast."""
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    return open_office()


@pytest.fixture
def operator_ids(cast: Cast, office: Office, ids: dict[str, str]) -> dict[str, str]:
    """What only the operator sees: an application that waits, a card that waits, one that was registered."""
    shop = open_shop(MORNING, office.kato)
    fresh, card = new_card(shop), registered(shop)
    licence = Licence.objects.get(registration__card_id=card.id)
    return ids | {
        "application_id": str(submitted(cast, office)),
        "product_id": str(shop.product),
        "batch_id": str(RegistrationCard.objects.get(id=fresh.id).batch_id),
        "licence_id": str(licence.id),
    }


def body_of(path: str, ids: dict[str, str], scheme: str) -> Any:
    """Values that fit an operation."""
    found = [body for end, body in BODIES.items() if path.endswith(end)]
    body = found[-1] if found else {"people": [ids["person_id"]]}
    if path.endswith("/batches"):
        body = {**body, "product": ids.get("product_id", scheme)}
    return {**body, "scheme": scheme} if path.endswith("v1/applications") else body


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An operation's rows and the programs that call it: one that may, one with every other scope, another's."""

    ids: dict[str, str]
    body: Any
    own: str
    other_scopes: str
    another: str


def call(client: Client, method: str, path: str, scene: Scene, token: str = "") -> tuple[Any, set[str]]:
    """Call an operation with values that fit; returns the answer and the tables that it wrote to."""
    written: set[str] = set()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if (match := _WRITE.match(sql)) and context["cursor"].rowcount != 0:
            written.add(match[1])
        return result

    address = path.format(**scene.ids)
    if "application-days" in path:
        address += "?decided=2026-12-02&start=2026-12-10"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with connection.execute_wrapper(watch):
        if path.endswith("/records") and method == "post":
            answer = client.post(address, {"file": SimpleUploadedFile("r.pdf", b"%PDF-1.7 bytes")}, headers=headers)
        elif path.endswith("/rosters") and method == "post":
            answer = client.post(address, {"file": SimpleUploadedFile("r.csv", ROSTER)}, headers=headers)
        else:
            send = getattr(client, method)
            answer = send(
                address,
                headers=headers,
                **({} if method == "get" else {"data": scene.body, "content_type": "application/json"}),
            )
    return answer, written


@pytest.fixture
def scene(
    request: pytest.FixtureRequest, method: str, path: str, program: Callable[..., Program], office: Office
) -> Scene:
    """The scene of an operation, the operator's for operators' operations."""
    scope = scope_of(method, path)
    is_operator = scope in OF_OPERATOR
    ids = request.getfixturevalue("operator_ids" if is_operator else "ids")
    by = head_of(office) if is_operator else None
    others = [one for one in (*ALL, *(OF_OPERATOR if is_operator else ())) if one != scope]
    theirs = program(of="ueda")
    if is_operator:
        # nobody outside the operator's organisation can be given such a scope; one written into the row lets nobody in
        Token.objects.filter(organisation_id=request.getfixturevalue("cast").ueda).update(scopes=[*ALL, scope])
    return Scene(
        ids=ids,
        body=body_of(path, ids, str(office.scheme)),
        own=program(scope, by=by).token,
        other_scopes=program(*others, by=by).token,
        another=theirs.token,
    )


@pytest.mark.shows("S-09")
@pytest.mark.parametrize(("method", "path"), list(operations()))
class TestOperation:
    def test_lets_its_scope_in(self, method: str, path: str, scene: Scene) -> None:
        if path.endswith(("/release", "/ask", "/approve", "/reject", "/hold")):
            call(Client(), "post", f"{path.rpartition('/')[0]}/take", scene, scene.own)
        answer, _ = call(Client(), method, path, scene, scene.own)
        of_cards = answer.status_code in (410, 422) and answer.json()["code"].startswith("WF-L")
        assert answer.status_code in (200, 201, 202, 409) or of_cards, answer.content

    @pytest.mark.shows("P-07")
    def test_keeps_everybody_else_out(self, method: str, path: str, scene: Scene, cast: Cast) -> None:
        answer, written = call(Client(), method, path, scene, scene.other_scopes)
        assert answer.status_code == 403
        assert written <= NOTED
        answer, written = call(Client(), method, path, scene, scene.another)
        if scope_of(method, path) in OF_OPERATOR:
            assert answer.status_code == 403
            assert written <= NOTED
        elif re.search("{.*_id}", path):
            assert answer.status_code == 404
            assert written <= NOTED
        for name, one in scene.ids.items():
            assert name == "month" or one not in answer.content.decode()
        for client, token in ((Client(), ""), (Client(), "wft_guessed"), (signed_in_client(cast.aoki), "")):
            answer, written = call(client, method, path, scene, token)
            assert answer.status_code == 401
            assert written <= NOTED | {"credentials_session"}
