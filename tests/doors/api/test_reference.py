"""The API's description, and the API against it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, settings
from pydantic import BaseModel
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import (
    allow_header_conformance,
    negative_data_rejection,
    positive_data_acceptance,
)

from tests.cast import MORNING, Cast
from tests.doors.api.conftest import Program
from warifu.api.v1 import reference
from warifu.collection.actions import entries
from warifu.config.wsgi import application
from warifu.foundation.masking import twelve_digit_runs


def test_the_page_needs_no_script_and_nothing_from_elsewhere() -> None:
    answer = Client().get("/api/v1/docs")
    assert answer.status_code == 200
    page = answer.content.decode()
    for operation in reference.operations():
        assert f"{operation.method} {operation.path}" in page
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert " style=" not in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)


def test_the_document_names_the_token_and_every_refusal() -> None:
    document = json.loads(Client().get("/api/v1/openapi.json").content)
    assert document["openapi"].startswith("3.")
    assert document["components"]["securitySchemes"]["Bearer"]["scheme"] == "bearer"
    for path, methods in document["paths"].items():
        for operation in methods.values():
            is_open = path.startswith(("/api/v1/agent/sign-in", "/api/v1/agent/card/"))
            assert operation.get("security") == (None if is_open else [{"Bearer": []}]), path
            assert {"401", "403", "404", "409", "422", "429"} <= operation["responses"].keys()


@pytest.mark.shows("P-06")
def test_no_field_is_a_number_or_a_picture() -> None:
    schemas = reference.schema()["components"]["schemas"]
    names = {f"{title}.{name}" for title, one in schemas.items() for name in one.get("properties", {})}
    assert {name for name in names if re.search(r"my_?number|number|digits|image|picture|ref$", name)} == NUMBERS


def test_no_two_schemas_share_a_name() -> None:
    """Of two with one name, the document shows only one, for both."""
    found: dict[str, set[str]] = {}
    pending = list(BaseModel.__subclasses__())
    while pending:
        one = pending.pop()
        pending += one.__subclasses__()
        if one.__module__.startswith("warifu.api.v1"):
            found.setdefault(one.__name__, set()).add(one.__module__)
    assert len(found) > 30
    assert {name: modules for name, modules in found.items() if len(modules) > 1} == {}


@pytest.fixture
def _kept_connection() -> Iterator[None]:
    """Keep the test's database connection over requests, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def token(cast: Cast, program: Callable[..., Program], _kept_connection: None) -> str:
    """A token that may do everything, where two people are collected from."""
    for actor in (cast.inoue, cast.eto):
        assert actor.id is not None
        entries.add(organisation_id=cast.aoba, member_id=actor.id, by=cast.aoki, at=MORNING)
    return program().token


NUMBERS = {
    "Card.number",
    "Given.document_number",
    "Given.registration_number",
    "IssuedId.number",
    "Licence.number",
    "Record.document_number",
    "Record.number",
    "Record.registration_number",
    "RegistrationBegun.number",
    "Start.number",
}
"""Fields that are numbers of cards, records and registrations, never of persons."""

JUDGED = ("/rosters", "/agent/", "/application", "/review/", "/registrations", "/starts", "/folders")
"""Whose requests may be refused for what they say, though their form is right."""

described = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", application)


@described.parametrize()
@settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_operation_answers_as_the_document_says(case: schemathesis.Case[Any], token: str) -> None:
    judged_by_content: list[CheckFunction] = []
    if any(part in case.operation.path for part in JUDGED):
        judged_by_content.append(positive_data_acceptance)
    if "/records/" in case.operation.path:
        judged_by_content.append(allow_header_conformance)  # DELETE is answered, by a refusal that is noted (D-03)
    if case.method == "GET" or case.operation.path.endswith("/registrations/complete"):  # an unknown token comes first
        judged_by_content.append(negative_data_rejection)  # unknown query names are left alone
    answer = case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=judged_by_content)
    assert answer.status_code != 500
    assert twelve_digit_runs(re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "id", answer.text)) == []
