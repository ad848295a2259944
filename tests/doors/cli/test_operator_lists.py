"""`warifu application` and `warifu licence`: what an operator reads at a terminal (C1, A1)."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import CliRunner, Result

from tests.cast import MORNING, Cast
from tests.rooms.applications.office import Office, draft, open_office, submitted
from tests.rooms.licences.shop import open_shop, registered
from warifu.applications.actions import review
from warifu.applications.models import Application
from warifu.cli.application import application
from warifu.cli.licence import licence
from warifu.foundation.refusals import NotFound
from warifu.licences.actions import proofs
from warifu.licences.models import Licence
from warifu.licences.rules.codes import Code

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Cast) -> Office:
    """The operator's office with an application that waits, one that is decided, and a draft that nobody sees."""
    office = open_office()
    decided = submitted(cast, office, reason="=HYPERLINK()")
    review.take(application_id=decided, by=office.kato, at=MORNING)
    review.approve(application_id=decided, confirmed_start=MORNING.replace(month=12, day=10).date(), by=office.kato,
                   at=MORNING)  # fmt: skip
    submitted(cast, office)
    draft(cast, office)
    return office


def run(command: object, *words: str) -> Result:
    """What a command answers."""
    return CliRunner().invoke(command, words, catch_exceptions=False)  # type: ignore[arg-type]


def test_the_queue_is_listed_shown_and_exported(office: Office) -> None:
    waiting = Application.objects.get(state="submitted").receipt
    assert waiting is not None
    assert waiting in run(application, "list").output
    assert len(json.loads(run(application, "list", "--json").output)) == 1
    decided = json.loads(run(application, "list", "--state", "approved", "--json").output)[0]
    shown = run(application, "show", decided["receipt"].lower()).output
    assert "1ANACA0A" in shown
    assert "password" not in shown.lower()
    assert json.loads(run(application, "show", decided["receipt"], "--json").output)["decided_on"] == "2026-11-24"
    rows = list(csv.DictReader(io.StringIO(run(application, "export").output)))
    assert {row["state"] for row in rows} == {"approved", "submitted"}


def test_a_receipt_that_is_not_there_is_refused(office: Office) -> None:
    with pytest.raises(NotFound):
        run(application, "show", "9999999Z")


def test_licences_are_listed_shown_and_exported_without_keys(office: Office) -> None:
    card = registered(open_shop(kato=office.kato))
    key = proofs.of_row(kind=Code.KEY, row_id=Licence.objects.get().id)
    told = [
        run(licence, "list").output,
        run(licence, "list", "--state", "active", "--json").output,
        run(licence, "show", card.number).output,
        run(licence, "export").output,
    ]
    for text in told:
        assert "桧商事株式会社" in text
        assert key not in text.replace("-", "")
    assert run(licence, "list", "--state", "revoked").output == ""
    with pytest.raises(NotFound):
        run(licence, "show", "R0000")
