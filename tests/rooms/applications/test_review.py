"""Applications from draft to decision: every arrow, every refusal, what comes out (002-8 … 002-31)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.apps import apps

from tests.cast import MORNING, Cast
from tests.rooms.applications.office import Office, draft, form, open_office, submitted
from warifu.applications.actions import deadlines, drafts, review
from warifu.applications.models import Application, Identification, UserCode
from warifu.applications.queries import schemes
from warifu.applications.rules.planner import StartTooEarly
from warifu.applications.rules.states import ARROWS, NotInThisState, Verb
from warifu.credentials.models import SealedNotice
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.notices.models import Letter
from warifu.organisations import queries as organisations
from warifu.organisations.rules import LevelTooLow, NotPermitted

pytestmark = pytest.mark.django_db
STARTS_ON = date(2026, 12, 10)
State = Application.State


@pytest.fixture
def office(cast: Cast) -> Office:
    """The operator's office."""
    return open_office()


def approve(application_id: UUID, by: Actor, starts_on: date = STARTS_ON) -> list[str]:
    review.take(application_id=application_id, by=by, at=MORNING)
    found = review.approve(application_id=application_id, confirmed_start=starts_on, by=by, at=MORNING)
    assert found is not None
    return [each.user_id for each in found.identifications]


def letters() -> list[tuple[str, str]]:
    kinds = [kind for kind in Letter.objects.values_list("kind", "to_mail") if kind[0].startswith(("appl", "window"))]
    return sorted(kinds)


@pytest.mark.shows("002-19", "002-21", "002-23")
def test_pattern_one_gives_two_ids_on_one_code(cast: Cast, office: Office) -> None:
    assert approve(submitted(cast, office), office.kato) == ["1ANACA0A", "1ANACA0B"]
    assert [line.user_id for line in schemes.issued(organisation_id=cast.aoba)] == ["1ANACA0A", "1ANACA0B"]


@pytest.mark.shows("002-20")
def test_pattern_two_gives_one_id_for_both_industries(cast: Cast, office: Office) -> None:
    lines = [
        {"user_code": "追加1", "industries": ["customs", "consolidation"], "shares_sign_on": True, "method": "net",
         "count": 1}
    ]  # fmt: skip
    assert approve(submitted(cast, office, lines=lines), office.kato) == ["1ANACA0A"]


@pytest.mark.shows("002-18", "002-27")
def test_sending_gives_a_receipt_and_two_letters(cast: Cast, office: Office) -> None:
    first, second = submitted(cast, office), submitted(cast, office)
    receipts = [Application.objects.get(id=each).receipt for each in (first, second)]
    assert [receipt[:7] for receipt in receipts if receipt] == ["2600001", "2600002"]
    assert letters()[:2] == [("application_received", "a001@example.jp")] * 2
    assert letters()[2:] == [("application_received", "o004@example.jp")] * 2


@pytest.mark.shows("002-31", "002-33", "L-07")
def test_a_decision_may_name_another_start_and_opens_sealed_notices(cast: Cast, office: Office) -> None:
    application_id = submitted(cast, office)
    approve(application_id, office.kato, starts_on=date(2026, 12, 15))
    row = Application.objects.get(id=application_id)
    assert (row.confirmed_start, row.settings_deadline) == (date(2026, 12, 15), date(2026, 12, 9))
    notices = SealedNotice.objects.filter(member_id=cast.aoki.id)
    assert {notice.last_day for notice in notices} == {date(2026, 12, 17)}
    who = organisations.member_by_employee_code(organisation_id=cast.aoba, employee_code="1ANACA0A")
    assert who is not None
    assert ("application_confirmed", "o004@example.jp") in letters()


@pytest.mark.shows("002-17")
def test_an_incomplete_form_is_not_sent_and_every_place_is_named(cast: Cast, office: Office) -> None:
    application_id = draft(cast, office, desired_start="2026-11-25", reason="", settings={})
    with pytest.raises(drafts.FormIncomplete) as refused:
        drafts.submit(organisation_id=cast.aoba, application_id=application_id, version=2, by=cast.aoki, at=MORNING)
    assert {fault.field for fault in refused.value.faults} == {
        "desired_start",
        "reason",
        "settings.追加1.name",
        "settings.追加1.customs",
        "settings.追加1.consolidation",
    }
    assert Application.objects.get().state == State.DRAFT
    assert not letters()


def test_two_tabs_do_not_overwrite_each_other(cast: Cast, office: Office) -> None:
    application_id = draft(cast, office)
    given = {"organisation_id": cast.aoba, "application_id": application_id, "by": cast.aoki, "at": MORNING}
    drafts.save_step(version=2, values={"reason": "一つ目の画面"}, **given)
    with pytest.raises(drafts.ChangedMeanwhile):
        drafts.save_step(version=2, values={"reason": "二つ目の画面"}, **given)
    assert Application.objects.get().form["reason"] == "一つ目の画面"


def test_a_copy_says_the_same_but_for_its_day(cast: Cast, office: Office) -> None:
    old = submitted(cast, office)
    new = drafts.copy(organisation_id=cast.aoba, application_id=old, by=cast.aoki, at=MORNING)
    copied = Application.objects.get(id=new)
    assert copied.form == {key: value for key, value in form().items() if key != "desired_start"}
    assert (copied.state, copied.receipt) == (State.DRAFT, None)


def test_a_number_typed_into_a_form_is_masked(cast: Cast, office: Office) -> None:
    from tests.cast import test_number

    number = test_number("12345678901")
    draft(cast, office, reason=f"番号は {number} です")
    assert number not in str(Application.objects.get().form)


@pytest.mark.shows("002-24")
def test_the_applicant_answers_what_was_asked_and_it_comes_back(cast: Cast, office: Office) -> None:
    application_id = submitted(cast, office)
    review.take(application_id=application_id, by=office.kato, at=MORNING)
    review.send_back(
        application_id=application_id, comments={"reason": "くわしく書いてください"}, by=office.kato, at=MORNING
    )
    receipt = Application.objects.get().receipt
    assert ("application_sent_back", "a001@example.jp") in letters()
    again = drafts.submit(organisation_id=cast.aoba, application_id=application_id, version=2, by=cast.aoki, at=MORNING)
    assert again == receipt


def test_two_reviewers_never_collide(cast: Cast, office: Office) -> None:
    application_id = submitted(cast, office)
    review.take(application_id=application_id, by=office.kato, at=MORNING)
    with pytest.raises(NotInThisState):
        review.take(application_id=application_id, by=office.kimura, at=MORNING)
    with pytest.raises(review.NotTheReviewer):
        review.approve(application_id=application_id, confirmed_start=STARTS_ON, by=office.kimura, at=MORNING)
    assert not UserCode.objects.exists()
    review.release(application_id=application_id, by=office.kato, at=MORNING)
    review.take(application_id=application_id, by=office.kimura, at=MORNING)
    assert Application.objects.get().reviewer_id == office.kimura.id


def test_a_start_that_is_too_early_approves_nothing(cast: Cast, office: Office) -> None:
    application_id = submitted(cast, office)
    review.take(application_id=application_id, by=office.kato, at=MORNING)
    with pytest.raises(StartTooEarly):
        review.approve(application_id=application_id, confirmed_start=date(2026, 11, 25), by=office.kato, at=MORNING)
    assert Application.objects.get().state == State.IN_REVIEW
    assert not Identification.objects.exists()


def test_nobody_else_reviews(cast: Cast, office: Office) -> None:
    application_id = submitted(cast, office)
    for by, refusal in (
        (cast.aoki, NotPermitted),
        (cast.ueno, NotPermitted),
        (replace(office.kato, level=1), LevelTooLow),
        (replace(cast.aoki, roles=office.kato.roles), NotPermitted),
    ):
        with pytest.raises(refusal):
            review.take(application_id=application_id, by=by, at=MORNING)
    with pytest.raises(NotFound):
        drafts.withdraw(organisation_id=cast.ueda, application_id=application_id, by=cast.ueno, at=MORNING)
    assert Application.objects.get().state == State.SUBMITTED


@pytest.mark.shows("002-24")
def test_late_settings_make_it_void_and_timely_ones_do_not(cast: Cast, office: Office) -> None:
    late, timely = submitted(cast, office), submitted(cast, office)
    approve(late, office.kato)
    approve(timely, office.kato)
    deadline = MORNING + timedelta(days=10)  # 4 December, the last day
    assert deadlines.void_due(at=deadline) == 0
    deadlines.settle(organisation_id=cast.aoba, application_id=timely, by=cast.aoki, at=deadline)
    after = deadline + timedelta(days=1)
    assert deadlines.void_due(at=after) == 1
    assert Application.objects.get(id=late).state == State.VOID
    assert Application.objects.get(id=timely).state == State.APPROVED
    with pytest.raises(deadlines.SettingsLate):
        deadlines.settle(organisation_id=cast.aoba, application_id=late, by=cast.aoki, at=after)
    assert deadlines.void_due(at=after) == 0


@pytest.mark.shows("002-30")
def test_a_letter_goes_out_once_before_the_window_closes(cast: Cast, office: Office) -> None:
    approve(submitted(cast, office), office.kato)
    days = [MORNING.replace(month=12, day=day) for day in (10, 11, 14)]
    assert [deadlines.tell_closing(at=day) for day in days] == [0, 1, 0]
    assert letters().count(("window_closing", "a001@example.jp")) == 1


def verbs(cast: Cast, office: Office, application_id: UUID) -> dict[Verb, Callable[[], object]]:
    own = {"organisation_id": cast.aoba, "application_id": application_id, "by": cast.aoki, "at": MORNING}
    reviewed = {"application_id": application_id, "by": office.kato, "at": MORNING}
    return {
        Verb.SAVE: lambda: drafts.save_step(version=2, values={"reason": "x"}, **own),
        Verb.SUBMIT: lambda: drafts.submit(version=2, **own),
        Verb.WITHDRAW: lambda: drafts.withdraw(**own),
        Verb.TAKE: lambda: review.take(**reviewed),
        Verb.RELEASE: lambda: review.release(**reviewed),
        Verb.SEND_BACK: lambda: review.send_back(comments={"": "?"}, **reviewed),
        Verb.HOLD: lambda: review.hold(reason="?", **reviewed),
        Verb.APPROVE: lambda: review.approve(confirmed_start=STARTS_ON, **reviewed),
        Verb.REJECT: lambda: review.reject(reason="?", **reviewed),
        Verb.SETTLE: lambda: deadlines.settle(**own),
    }


FORBIDDEN = [
    (state, verb)
    for verb, arrows in ARROWS.items()
    if verb is not Verb.VOID
    for state in State.values
    if state not in arrows
]


@pytest.mark.parametrize(("state", "verb"), FORBIDDEN)
def test_every_forbidden_arrow_is_refused_and_changes_nothing(
    state: str, verb: Verb, cast: Cast, office: Office
) -> None:
    application_id = submitted(cast, office)
    Application.objects.filter(id=application_id).update(state=state, reviewer_id=office.kato.id)
    before = everything()
    with pytest.raises((NotInThisState, NotFound)):
        verbs(cast, office, application_id)[verb]()
    assert everything() == before


def everything() -> dict[str, list[tuple[object, ...]]]:
    return {
        model._meta.db_table: list(model._default_manager.order_by("pk").values_list()) for model in apps.get_models()
    }


@pytest.mark.shows("002-33")
def test_ended_codes_are_never_given_again(cast: Cast, office: Office) -> None:
    approve(submitted(cast, office), office.kato)
    ending = submitted(cast, office, operation="delete", user_codes=["1ANAC"])
    review.take(application_id=ending, by=office.kato, at=MORNING)
    assert review.approve(application_id=ending, confirmed_start=STARTS_ON, by=office.kato, at=MORNING) is None
    assert UserCode.objects.get().ended_on == STARTS_ON
    assert approve(submitted(cast, office), office.kato) == ["1ANADA0A", "1ANADA0B"]
