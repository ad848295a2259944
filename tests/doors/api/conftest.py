"""Callers of the API: programs with tokens of two organisations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.rooms.applications.office import Office
from warifu.credentials.actions import tokens
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.organisations import actions as organisations
from warifu.organisations import queries

ALL = ("people:read", "rosters:write", "invitations:write", "applications:write", "folders:read", "folders:write")
OF_OPERATOR = ("applications:review", "licences:write")


@dataclass(frozen=True)
class Program:
    """A program that calls the API with a token."""

    client: Client
    token: str

    def get(self, path: str, **query: Any) -> Any:
        """GET an address of version 1."""
        return self.client.get(f"/api/v1{path}", query, headers=self._headers())

    def post(self, path: str, body: Any = None, *, key: str = "", **form: Any) -> Any:
        """POST JSON, or a form when there are values by name."""
        headers = self._headers() | ({"Idempotency-Key": key} if key else {})
        if form:
            return self.client.post(f"/api/v1{path}", form, headers=headers)
        return self.client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)

    def put(self, path: str, body: Any) -> Any:
        """PUT JSON."""
        return self.client.put(f"/api/v1{path}", body, content_type="application/json", headers=self._headers())

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def head_of(office: Office) -> Actor:
    """Who may do everything for the operator: an administrator who also reviews."""
    assert office.kato.organisation_id is not None
    member_id = organisations.add_member(
        organisation_id=office.kato.organisation_id,
        roles=Role.REVIEWER | Role.ADMINISTRATOR,
        family_name="片山",
        mail="katayama@example.jp",
        by=SYSTEM,
        at=MORNING,
    )
    member = queries.member(organisation_id=office.kato.organisation_id, member_id=member_id)
    return queries.actor_of(member=member, level=2, authenticated_at=MORNING)


@pytest.fixture
def program(cast: Cast) -> Callable[..., Program]:
    """Make a program of Aoba's, or another organisation's, with some scopes; or of whoever issues its token."""

    def make(*scopes: str, of: str = "aoba", by: Actor | None = None) -> Program:
        now = timezone.now()
        issuer = by or (cast.aoki if of == "aoba" else cast.ueno)
        assert issuer.organisation_id is not None
        token = tokens.issue(
            organisation_id=issuer.organisation_id,
            name="給与システム",
            scopes=scopes or ALL,
            valid_until=now + timedelta(days=30),
            by=issuer,
            at=now,
        )
        return Program(Client(raise_request_exception=False), token)

    return make
