"""Callers of the API: programs with tokens of two organisations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import Cast
from warifu.credentials.actions import tokens

ALL = ("people:read", "rosters:write", "invitations:write")


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


@pytest.fixture
def program(cast: Cast) -> Callable[..., Program]:
    """Make a program of Aoba's, or another organisation's, with some scopes."""

    def make(*scopes: str, of: str = "aoba") -> Program:
        now = timezone.now()
        token = tokens.issue(
            organisation_id=getattr(cast, of),
            name="給与システム",
            scopes=scopes or ALL,
            valid_until=now + timedelta(days=30),
            by=cast.aoki if of == "aoba" else cast.ueno,
            at=now,
        )
        return Program(Client(raise_request_exception=False), token)

    return make
