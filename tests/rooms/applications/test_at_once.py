"""Many reviewers at the same moment: every code once, every gap recorded, every decision by one person (B1, C1)."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date
from uuid import UUID

import pytest
from django.db import connection

from tests.cast import MORNING, Cast
from tests.conftest import ON_POSTGRESQL
from tests.rooms.applications.office import Office, open_office, submitted
from warifu.applications.actions import drafts, review
from warifu.applications.models import Application, Gap, Identification, Scheme, UserCode
from warifu.applications.queries import schemes
from warifu.audit.models import Entry
from warifu.credentials.models import SealedNotice
from warifu.foundation.refusals import Refused
from warifu.notices.models import Letter

pytestmark = [
    pytest.mark.skipif(not ON_POSTGRESQL, reason="an embedded database in memory has one writer only"),
    pytest.mark.django_db(transaction=True),
]
STARTS_ON = date(2026, 12, 10)
APPROVALS = 1_000
HANDS = 8
KEPT_BACK = ("1ANAF", "1ANAG", "1ANBZ")
LINE = {"user_code": "追加1", "industries": ["customs"], "shares_sign_on": False, "method": "net", "count": 1}


def at_once(work: Iterable[Callable[[], object]], hands: int = HANDS) -> Counter[str]:
    """Do the pieces of work with many hands that begin at the same moment; what came out of each."""
    pieces, found, start, lock = iter(list(work)), Counter[str](), threading.Barrier(hands), threading.Lock()

    def try_some() -> None:
        start.wait()
        try:
            while True:
                with lock:
                    piece = next(pieces, None)
                if piece is None:
                    return
                try:
                    piece()
                    outcome = "won"
                except Refused as refusal:
                    outcome = refusal.code
                with lock:
                    found[outcome] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=try_some) for _hand in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def taken(office: Office, count: int, form: dict[str, object], like: UUID) -> list[UUID]:
    """Copies of an application that two reviewers have taken, half of them each, as rows: this test is of approving."""
    row = Application.objects.get(id=like)
    rows = [
        Application(
            organisation_id=row.organisation_id,
            scheme_id=row.scheme_id,
            procedure=row.procedure,
            operation="add",
            state=Application.State.IN_REVIEW,
            form={**row.form, **form},
            receipt=f"27{place:05d}A",
            made_by_id=row.made_by_id,
            made_at=MORNING,
            changed_at=MORNING,
            submitted_at=MORNING,
            reviewer_id=(office.kato if place % 2 else office.kimura).id,
            taken_at=MORNING,
        )
        for place in range(count)
    ]
    return [row.id for row in Application.objects.bulk_create(rows)]


@pytest.mark.shows("002-2", "002-22")
def test_a_thousand_approvals_give_every_code_once_and_record_every_gap(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_office()
    # what a person gets besides the code is measured elsewhere; a hash of a password a thousand times is not the point
    monkeypatch.setattr(review, "_let_in", lambda *_given: None)
    for text in KEPT_BACK:
        UserCode.objects.create(
            scheme_id=office.scheme, organisation_id=cast.ueda, text=text, allotted_at=MORNING, from_day=STARTS_ON
        )
    ids = taken(office, APPROVALS, {"lines": [LINE]}, submitted(cast, office))

    def approve(application_id: UUID, place: int) -> Callable[[], object]:
        by = office.kato if place % 2 else office.kimura
        return lambda: review.approve(application_id=application_id, confirmed_start=STARTS_ON, by=by, at=MORNING)

    assert at_once(approve(one, place) for place, one in enumerate(ids)) == {"won": APPROVALS}
    scheme = Scheme.objects.get(id=office.scheme)
    codes = schemes.view_of(row=scheme).code
    first = codes.place("1ANAC")
    assert first is not None
    given = set(UserCode.objects.filter(organisation_id=cast.aoba).values_list("text", flat=True))
    assert len(given) == APPROVALS
    assert Identification.objects.filter(text="A0A").count() == APPROVALS
    walked = {codes.nth(place) for place in range(first, scheme.next_code)}
    assert walked - given == set(KEPT_BACK) == set(Gap.objects.values_list("text", flat=True))
    assert given <= walked
    assert not UserCode.objects.filter(organisation_id=cast.ueda).exclude(text__in=KEPT_BACK).exists()


def test_one_application_is_taken_and_approved_by_one_of_many(cast: Cast) -> None:
    office = open_office()
    application_id = submitted(cast, office)
    pair = (office.kato, office.kimura) * 4
    found = at_once(
        (lambda by=by: review.take(application_id=application_id, by=by, at=MORNING) for by in pair), len(pair)
    )
    assert found == {"won": 1, "WF-U301": len(pair) - 1}
    winner = Application.objects.get().reviewer_id
    found = at_once(
        (
            lambda by=by: review.approve(application_id=application_id, confirmed_start=STARTS_ON, by=by, at=MORNING)
            for by in pair
        ),
        len(pair),
    )
    assert found["won"] == 1
    assert set(found) <= {"won", "WF-U301", "WF-U401"}
    assert Application.objects.get().reviewer_id == winner
    assert (UserCode.objects.count(), Identification.objects.count(), SealedNotice.objects.count()) == (1, 2, 2)
    assert Entry.objects.filter(event="applications.application.approved").count() == 1
    assert Letter.objects.filter(kind="application_confirmed").count() == 2


def test_a_withdrawal_and_an_approval_at_the_same_moment_do_not_both_happen(cast: Cast) -> None:
    office = open_office()
    ids = iter(taken(office, 10, {}, submitted(cast, office)))
    for one, other in zip(ids, ids, strict=True):
        Application.objects.filter(id__in=(one, other)).update(reviewer_id=office.kato.id)
        found = at_once(
            (
                work
                for application_id in (one, other)
                for work in (
                    lambda it=application_id: drafts.withdraw(
                        organisation_id=cast.aoba, application_id=it, by=cast.aoki, at=MORNING
                    ),
                    lambda it=application_id: review.approve(
                        application_id=it, confirmed_start=STARTS_ON, by=office.kato, at=MORNING
                    ),
                )
            ),
            4,
        )
        assert found == {"won": 2, "WF-U301": 2}
    approved = Application.objects.filter(state="approved")
    assert UserCode.objects.count() == approved.count()


def test_receipts_of_many_senders_are_numbered_without_a_double(cast: Cast) -> None:
    office = open_office()
    drafted = taken(office, 40, {}, submitted(cast, office))
    Application.objects.filter(id__in=drafted).update(state="draft", receipt=None, reviewer_id=None)
    found = at_once(
        lambda it=it: drafts.submit(organisation_id=cast.aoba, application_id=it, version=1, by=cast.aoki, at=MORNING)
        for it in drafted
    )
    assert found == {"won": 40}
    places = sorted(int(text[2:7]) for text in Application.objects.values_list("receipt", flat=True) if text)
    assert places == list(range(1, 42))
