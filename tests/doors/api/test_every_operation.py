"""Every operation of the API with every kind of caller: a refused call changes nothing (B1)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from tests.cast import MORNING, Cast
from tests.doors.api.conftest import ALL, Program
from tests.doors.conftest import signed_in_client
from warifu.api.v1 import reference
from warifu.collection.actions import entries, rosters
from warifu.organisations.rules import Permission

pytestmark = pytest.mark.django_db

SCOPES = {
    "people": Permission.PEOPLE_VIEW.value,
    "verifications": Permission.PEOPLE_VIEW.value,
    "invitations": Permission.INVITE.value,
    "reminders": Permission.INVITE.value,
    "rosters": Permission.ROSTER_LOAD.value,
}
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


@pytest.fixture
def ids(cast: Cast) -> dict[str, str]:
    """A person and a roster of Aoba's."""
    assert cast.inoue.id is not None
    person = entries.add(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.aoki, at=MORNING)
    roster = rosters.receive(organisation_id=cast.aoba, file_name="r.csv", content=ROSTER, by=cast.aoki, at=MORNING)
    return {"person_id": str(person), "roster_id": str(roster)}


def call(client: Client, method: str, path: str, ids: dict[str, str], token: str = "") -> tuple[Any, set[str]]:
    """Call an operation with values that fit; returns the answer and the tables that it wrote to."""
    written: set[str] = set()

    def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        if (match := _WRITE.match(sql)) and context["cursor"].rowcount != 0:
            written.add(match[1])
        return result

    address = path.format(**ids)
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    body: Any = {"people": [ids["person_id"]]} if "columns" not in path else {"columns": {}}
    with connection.execute_wrapper(watch):
        if path.endswith("/rosters") and method == "post":
            answer = client.post(address, {"file": SimpleUploadedFile("r.csv", ROSTER)}, headers=headers)
        else:
            send = getattr(client, method)
            answer = send(
                address,
                headers=headers,
                **({} if method == "get" else {"data": body, "content_type": "application/json"}),
            )
    return answer, written


@pytest.mark.shows("S-09")
@pytest.mark.parametrize(("method", "path"), list(operations()))
class TestOperation:
    def test_lets_its_scope_in(
        self, method: str, path: str, ids: dict[str, str], program: Callable[..., Program]
    ) -> None:
        scope = SCOPES[path.split("/")[3]]
        answer, _ = call(Client(), method, path, ids, program(scope).token)
        assert answer.status_code in (200, 201, 202, 409), answer.content

    def test_keeps_other_scopes_out(
        self, method: str, path: str, ids: dict[str, str], program: Callable[..., Program]
    ) -> None:
        others = [scope for scope in ALL if scope != SCOPES[path.split("/")[3]]]
        answer, written = call(Client(), method, path, ids, program(*others).token)
        assert answer.status_code == 403
        assert written <= NOTED

    @pytest.mark.shows("P-07")
    def test_keeps_other_organisations_out(
        self, method: str, path: str, ids: dict[str, str], program: Callable[..., Program]
    ) -> None:
        answer, written = call(Client(), method, path, ids, program(of="ueda").token)
        if "{" in path:
            assert answer.status_code == 404
            assert written <= NOTED
        for one in ids.values():
            assert one not in answer.content.decode()

    def test_keeps_out_who_has_no_token(self, method: str, path: str, ids: dict[str, str], cast: Cast) -> None:
        for client, token in ((Client(), ""), (Client(), "wft_guessed"), (signed_in_client(cast.aoki), "")):
            answer, written = call(client, method, path, ids, token)
            assert answer.status_code == 401
            assert written <= NOTED | {"credentials_session"}
