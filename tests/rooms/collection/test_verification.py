"""Looking, seeing a number, confirming and sending back: who may, what blocks, and what is left behind."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection

from tests.cast import MORNING, Cast, test_number
from tests.conftest import ON_POSTGRESQL
from tests.rooms.collection.submitted import CARD_ANSWERS, IDS, Waiting, attach, child, spouse, waiting
from warifu.audit.models import Entry
from warifu.collection.actions import verification
from warifu.collection.actions.verification import Outcome
from warifu.collection.models import Document, Look, Policy, RosterEntry, Submission, Verification
from warifu.collection.queries import policies
from warifu.collection.rules.identity import Evident
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, ActorKind, Role
from warifu.foundation.masking import twelve_digit_runs
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.notices.models import Letter
from warifu.organisations import actions as organisations
from warifu.organisations.rules import NotPermitted
from warifu.vault.models import UseRecord
from warifu.vault.rules import NotAppointed, SignInNotRecent

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


def open_all(cast: Cast, case: Waiting, by: Actor, at: datetime = MORNING) -> None:
    for document in Document.objects.filter(submission_id=case.submission_id):
        verification.look(
            organisation_id=cast.aoba, submission_id=case.submission_id, document_id=document.id, by=by, at=at
        )


def confirm(cast: Cast, case: Waiting, by: Actor, **values: Any) -> Outcome:
    given = {"checklist": CARD_ANSWERS, "confirmed_on": TODAY, "at": MORNING} | values
    return verification.confirm(organisation_id=cast.aoba, submission_id=case.submission_id, by=by, **given)


def state(case: Waiting) -> tuple[str, str]:
    return (
        RosterEntry.objects.get(id=case.entry_id).state,
        Submission.objects.get(id=case.submission_id).state,
    )


def events() -> list[str]:
    return list(Entry.objects.order_by("id").values_list("event", flat=True))


def refuses(cast: Cast, case: Waiting, refusal: type[Refused], by: Actor, **values: Any) -> Refused:
    """The confirmation is refused, and nothing is changed or written."""
    before = (state(case), events(), Letter.objects.count(), list(Verification.objects.values()))
    with pytest.raises(refusal) as caught:
        confirm(cast, case, by, **values)
    assert before == (state(case), events(), Letter.objects.count(), list(Verification.objects.values()))
    return caught.value


# Looking


@pytest.mark.shows("001-25", "001-26")
def test_opening_a_picture_returns_it_and_is_noted(cast: Cast, at: datetime) -> None:
    case = waiting(cast)

    opened = verification.look(
        organisation_id=cast.aoba,
        submission_id=case.submission_id,
        document_id=case.document_ids[0],
        by=cast.eto,
        at=at,
    )

    assert opened.media_type == "image/jpeg"
    assert opened.content[:2] == b"\xff\xd8"
    assert [(look.document_id, look.member_id) for look in Look.objects.all()] == [(case.document_ids[0], cast.eto.id)]
    assert events()[-2:] == ["vault.image.opened", "collection.verification.looked_at"]
    assert UseRecord.objects.filter(act="open_image", allowed=True, actor_id=cast.eto.id).count() == 1


def test_opening_again_is_told_by_the_vault_only(cast: Cast) -> None:
    case = waiting(cast)

    open_all(cast, case, cast.eto)
    open_all(cast, case, cast.eto)

    assert Look.objects.count() == 2
    assert events().count("collection.verification.looked_at") == 2
    assert events().count("vault.image.opened") == 4


@pytest.mark.shows("S-09")
@pytest.mark.parametrize("who", ["aoki", "inoue", "operator", "system"])
def test_only_handlers_of_the_organisation_open_pictures(cast: Cast, at: datetime, who: str) -> None:
    case = waiting(cast)
    by = {"operator": OPERATOR, "system": SYSTEM}.get(who) or getattr(cast, who)

    with pytest.raises(NotPermitted):
        verification.look(
            organisation_id=cast.aoba, submission_id=case.submission_id, document_id=case.document_ids[0], by=by, at=at
        )

    assert not Look.objects.exists()
    (record,) = UseRecord.objects.filter(act="open_image")
    assert (record.allowed, record.actor_id, record.subject_id) == (False, by.id, case.member_id)


@pytest.mark.shows("S-09")
def test_a_handler_without_appointment_opens_nothing(cast: Cast, at: datetime) -> None:
    case = waiting(cast)
    assert cast.eto.id is not None
    organisations.dismiss(organisation_id=cast.aoba, member_id=cast.eto.id, by=cast.aoki, at=at - timedelta(days=1))

    with pytest.raises(NotAppointed):
        open_all(cast, case, cast.eto)
    with pytest.raises(NotAppointed):
        confirm(cast, case, cast.eto)

    assert state(case) == ("submitted", "submitted")


def test_another_organisations_handler_finds_nothing(cast: Cast, at: datetime) -> None:
    case = waiting(cast)
    assert cast.ueno.id is not None

    with pytest.raises(NotFound):
        verification.look(
            organisation_id=cast.ueda,
            submission_id=case.submission_id,
            document_id=case.document_ids[0],
            by=cast.ueno,
            at=at,
        )
    with pytest.raises(NotFound):
        verification.reveal(organisation_id=cast.ueda, submission_id=case.submission_id, by=cast.ueno, at=at)

    assert not Look.objects.exists()


def test_a_picture_of_another_submission_is_not_found(cast: Cast, at: datetime) -> None:
    case = waiting(cast)
    other = waiting(cast, person=cast.okada, base="42345678904")

    with pytest.raises(NotFound):
        verification.look(
            organisation_id=cast.aoba,
            submission_id=case.submission_id,
            document_id=other.document_ids[0],
            by=cast.eto,
            at=at,
        )


@pytest.mark.parametrize("state", ["received", "unreadable", "deleted"])
def test_a_picture_that_is_not_ready_is_not_opened(cast: Cast, at: datetime, state: str) -> None:
    case = waiting(cast)
    Document.objects.filter(id=case.document_ids[0]).update(state=state)

    with pytest.raises(verification.PictureNotReady):
        verification.look(
            organisation_id=cast.aoba,
            submission_id=case.submission_id,
            document_id=case.document_ids[0],
            by=cast.eto,
            at=at,
        )


# Seeing a number


@pytest.mark.shows("001-26", "S-07")
def test_one_number_is_shown_and_written_down(cast: Cast, at: datetime) -> None:
    case = waiting(cast)
    relative = spouse(case, path="agent")

    own = verification.reveal(organisation_id=cast.aoba, submission_id=case.submission_id, by=cast.eto, at=at)
    theirs = verification.reveal(
        organisation_id=cast.aoba, submission_id=case.submission_id, dependent_id=relative.id, by=cast.eto, at=at
    )

    assert own.digits_for_sealing() == test_number("12345678901")
    assert theirs.digits_for_sealing() == test_number("22345678902")
    records = UseRecord.objects.filter(act="reveal", allowed=True)
    assert {record.subject_id for record in records} == {case.member_id, relative.subject_id}
    assert all(record.purpose == Purpose.IDENTITY_VERIFICATION.value for record in records)


@pytest.mark.shows("S-09")
@pytest.mark.parametrize("who", ["aoki", "inoue"])
def test_an_administrator_is_no_handler(cast: Cast, at: datetime, who: str) -> None:
    case = waiting(cast)

    with pytest.raises(NotPermitted):
        verification.reveal(organisation_id=cast.aoba, submission_id=case.submission_id, by=getattr(cast, who), at=at)

    (record,) = UseRecord.objects.filter(act="reveal")
    assert (record.allowed, record.actor_id, record.subject_id) == (False, getattr(cast, who).id, case.member_id)


@pytest.mark.shows("L-25")
def test_an_old_sign_in_shows_no_number(cast: Cast, at: datetime) -> None:
    case = waiting(cast)
    stale = replace(cast.eto, authenticated_at=at - timedelta(minutes=5, seconds=1))

    with pytest.raises(SignInNotRecent):
        verification.reveal(organisation_id=cast.aoba, submission_id=case.submission_id, by=stale, at=at)

    assert UseRecord.objects.filter(act="reveal", allowed=False).count() == 1


def test_a_number_of_a_submission_that_no_longer_waits_is_not_shown(cast: Cast, at: datetime) -> None:
    case = waiting(cast)
    Submission.objects.filter(id=case.submission_id).update(state="sent_back")

    with pytest.raises(verification.NothingToVerify):
        verification.reveal(organisation_id=cast.aoba, submission_id=case.submission_id, by=cast.eto, at=at)


# Confirming


@pytest.mark.shows("001-24", "001-27", "I-20")
def test_a_confirmation_settles_everything_at_once(cast: Cast) -> None:
    case = waiting(cast)
    open_all(cast, case, cast.eto)

    outcome = confirm(cast, case, cast.eto)

    entry = RosterEntry.objects.get(id=case.entry_id)
    record = Verification.objects.get()
    assert outcome is Outcome.CONFIRMED
    assert state(case) == ("verified", "verified")
    assert entry.confirmed_on == TODAY
    assert (record.method, record.result, record.confirmed_by, record.confirmed_on) == (
        "number_card",
        "confirmed",
        cast.eto.id,
        TODAY,
    )
    assert record.rule_version == "tax-2026-11"
    assert set(Document.objects.values_list("delete_on", flat=True)) == {TODAY + timedelta(days=7)}
    assert [letter.kind for letter in Letter.objects.all()] == ["verified"]
    assert events().count("collection.verification.confirmed") == 1


@pytest.mark.shows("I-19")
def test_the_record_holds_no_number(cast: Cast) -> None:
    case = waiting(cast)
    spouse_row = spouse(case, path="agent")
    submission = Submission.objects.get(id=case.submission_id)
    for paper in ("spouse_number", "mandate"):
        attach(submission, paper=paper, side="front", dependent=spouse_row)
    child(case, ticked=True)
    open_all(cast, case, cast.eto)
    answers = CARD_ANSWERS | {
        "d1.number.equal": "on",
        "d1.number.name": "on",
        "d1.mandate.fits": "on",
        "x": test_number("12345678901"),
    }

    confirm(cast, case, cast.eto, checklist=answers)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM collection_verification")
        dump = json.dumps(cursor.fetchall(), default=str)
    assert "number_card" in dump
    assert twelve_digit_runs(IDS.sub("", dump)) == []
    assert [(one["person"], one["method"]) for one in Verification.objects.get().papers] == [
        ("self", "number_card"),
        ("d1", "agent"),
        ("d2", "employee_checked"),
    ]


def test_every_attachment_must_have_been_opened_by_this_checker(cast: Cast) -> None:
    case = waiting(cast)
    open_all(cast, case, cast.okada)
    verification.look(
        organisation_id=cast.aoba,
        submission_id=case.submission_id,
        document_id=case.document_ids[0],
        by=cast.eto,
        at=MORNING,
    )

    refusal = refuses(cast, case, verification.NotAllOpened, cast.eto)

    assert refusal.values == {"count": 1}


@pytest.mark.parametrize("item", list(CARD_ANSWERS))
def test_every_item_must_be_answered(cast: Cast, item: str) -> None:
    case = waiting(cast)
    open_all(cast, case, cast.eto)
    answers = {code: answer for code, answer in CARD_ANSWERS.items() if code != item}

    refuses(cast, case, verification.ChecklistIncomplete, cast.eto, checklist=answers)


@pytest.mark.shows("I-09")
def test_an_expired_card_is_refused_by_the_day_that_was_read(cast: Cast) -> None:
    case = waiting(cast)
    open_all(cast, case, cast.eto)
    answers = CARD_ANSWERS | {"self.number_card.expires": "2026-11-23"}

    refusal = refuses(cast, case, verification.NotAcceptable, cast.eto, checklist=answers)

    assert "有効期限が切れています" in refusal.values["why"]


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), TODAY - timedelta(days=1)])
def test_the_confirmation_date_lies_between_submission_and_today(cast: Cast, day: date) -> None:
    case = waiting(cast)
    open_all(cast, case, cast.eto)

    refuses(cast, case, verification.DayImpossible, cast.eto, confirmed_on=day)


@pytest.mark.shows("I-14")
@pytest.mark.parametrize("ticked", [True, False])
def test_a_tax_dependent_needs_the_employees_tick_and_no_picture(cast: Cast, ticked: bool) -> None:
    case = waiting(cast)
    child(case, ticked=ticked)
    open_all(cast, case, cast.eto)

    if ticked:
        assert confirm(cast, case, cast.eto) is Outcome.CONFIRMED
    else:
        refuses(cast, case, verification.NotAcceptable, cast.eto)


@pytest.mark.shows("I-15")
def test_a_third_category_spouse_needs_more_than_a_tick(cast: Cast) -> None:
    case = waiting(cast)
    spouse(case, path="")
    open_all(cast, case, cast.eto)

    refusal = refuses(cast, case, verification.NotAcceptable, cast.eto)

    assert "第3号" in refusal.values["why"]


@pytest.mark.shows("I-15")
@pytest.mark.parametrize(
    ("path", "papers", "answers"),
    [
        ("agent", ("spouse_number", "mandate"), ("number.equal", "number.name", "mandate.fits")),
        ("entrusted", ("entrustment",), ("entrustment.fits",)),
    ],
)
def test_a_spouse_goes_by_mandate_or_by_entrustment(
    cast: Cast, path: str, papers: tuple[str, ...], answers: tuple[str, ...]
) -> None:
    case = waiting(cast)
    relative = spouse(case, path=path)
    submission = Submission.objects.get(id=case.submission_id)
    for paper in papers:
        attach(submission, paper=paper, side="front", dependent=relative)
    open_all(cast, case, cast.eto)
    complete = CARD_ANSWERS | {f"d1.{answer}": "on" for answer in answers}

    for missing in answers:
        given = {code: answer for code, answer in complete.items() if code != f"d1.{missing}"}
        refuses(cast, case, verification.ChecklistIncomplete, cast.eto, checklist=given)
    assert confirm(cast, case, cast.eto, checklist=complete) is Outcome.CONFIRMED


@pytest.mark.shows("I-15")
def test_a_mandate_without_its_picture_is_no_mandate(cast: Cast) -> None:
    case = waiting(cast)
    spouse(case, path="agent")
    open_all(cast, case, cast.eto)
    answers = CARD_ANSWERS | {f"d1.{one}": "on" for one in ("number.equal", "number.name", "mandate.fits")}

    refusal = refuses(cast, case, verification.NotAcceptable, cast.eto, checklist=answers)

    assert "委任状" in refusal.values["why"]


@pytest.mark.shows("I-10")
def test_evident_by_employment_names_a_witness(cast: Cast) -> None:
    case = waiting(cast, pictures=(("number_card", "back"),))
    open_all(cast, case, cast.eto)
    answers = {"self.number.equal": "on", "self.number.name": "on"}

    refuses(cast, case, verification.NotAcceptable, cast.eto, checklist=answers)
    refuses(
        cast,
        case,
        verification.NotAcceptable,
        cast.eto,
        checklist=answers,
        employment_evident=Evident(witness="江藤 栄", event=""),
    )
    evident = Evident(witness="江藤 栄", event="入社の日に運転免許証で確認")
    confirm(cast, case, cast.eto, checklist=answers, employment_evident=evident)

    record = Verification.objects.get()
    assert record.method == "employment_evident"
    assert (record.checklist["witness"], record.checklist["event"]) == ("江藤 栄", "入社の日に運転免許証で確認")


@pytest.mark.shows("I-19")
def test_the_words_about_a_witness_hold_no_number(cast: Cast) -> None:
    case = waiting(cast, pictures=(("number_card", "back"),))
    open_all(cast, case, cast.eto)

    refuses(
        cast,
        case,
        verification.WordsUnfit,
        cast.eto,
        employment_evident=Evident(witness="江藤 栄", event=f"番号 {test_number('12345678901')}"),
    )


@pytest.mark.shows("I-11")
def test_an_account_confirmed_before_stands_for_the_identity_paper(cast: Cast) -> None:
    case = waiting(cast)
    open_all(cast, case, cast.eto)
    confirm(cast, case, cast.eto)
    before = Submission.objects.get(id=case.submission_id)
    again = Submission.objects.create(
        organisation_id=cast.aoba,
        entry_id=case.entry_id,
        round=2,
        state="submitted",
        notice=before.notice,
        method="verified_account",
        number_paper="number_card",
        number_ref=before.number_ref,
        created_at=MORNING,
        changed_at=MORNING,
        submitted_at=MORNING,
    )
    RosterEntry.objects.filter(id=case.entry_id).update(state="submitted")
    attach(again, paper="number_card", side="back")
    second = replace(case, submission_id=again.id)
    open_all(cast, second, cast.eto)

    confirm(cast, second, cast.eto, checklist={"self.number.equal": "on", "self.number.name": "on"})

    assert Verification.objects.get(submission=again).method == "verified_account"


@pytest.mark.shows("I-11")
def test_without_an_earlier_check_an_account_proves_nothing(cast: Cast) -> None:
    case = waiting(cast, pictures=(("number_card", "back"),), method="verified_account")
    open_all(cast, case, cast.eto)

    answers = {"self.number.equal": "on", "self.number.name": "on"}

    refuses(cast, case, verification.NotAcceptable, cast.eto, checklist=answers)


@pytest.mark.shows("S-09")
@pytest.mark.parametrize("who", ["aoki", "inoue"])
def test_only_handlers_and_the_responsible_confirm(cast: Cast, who: str) -> None:
    case = waiting(cast)

    refuses(cast, case, NotPermitted, getattr(cast, who))


def test_nobody_confirms_their_own_number_nor_what_they_entered(cast: Cast) -> None:
    own = waiting(cast, person=cast.eto)
    entered = waiting(cast, base="52345678905", channel="paper", entered_by=cast.eto.id, entered_reason="入院中")
    open_all(cast, own, cast.eto)
    open_all(cast, entered, cast.eto)

    refuses(cast, own, verification.OwnRecord, cast.eto)
    refuses(cast, entered, verification.EnteredByYou, cast.eto)


def test_what_was_confirmed_is_not_confirmed_again(cast: Cast) -> None:
    case = waiting(cast)
    open_all(cast, case, cast.eto)
    open_all(cast, case, cast.okada)
    confirm(cast, case, cast.eto)

    refuses(cast, case, verification.NothingToVerify, cast.okada)


# The second pair of eyes


@pytest.mark.shows("I-18")
def test_two_people_confirm_the_responsible_one_last(cast: Cast) -> None:
    case = waiting(cast, second_check=True)
    open_all(cast, case, cast.eto)
    open_all(cast, case, cast.okada)

    refuses(cast, case, verification.ResponsibleIsLast, cast.okada)
    assert confirm(cast, case, cast.eto) is Outcome.CHECKED
    assert state(case) == ("checked", "submitted")
    assert not Letter.objects.exists()
    refuses(cast, case, verification.SamePersonTwice, cast.eto)
    assert confirm(cast, case, cast.okada) is Outcome.CONFIRMED

    record = Verification.objects.get()
    assert (record.checked_by, record.confirmed_by, record.result) == (cast.eto.id, cast.okada.id, "confirmed")
    assert state(case) == ("verified", "verified")
    assert events().count("collection.verification.checked") == 1


@pytest.mark.shows("I-18")
def test_a_second_handler_cannot_take_the_responsible_persons_place(cast: Cast, at: datetime) -> None:
    case = waiting(cast, second_check=True)
    assert cast.aoki.id is not None
    roles = Role.HANDLER | Role.ADMINISTRATOR
    organisations.change_roles(organisation_id=cast.aoba, member_id=cast.aoki.id, roles=roles, by=cast.aoki, at=at)
    organisations.appoint(
        organisation_id=cast.aoba,
        member_id=cast.aoki.id,
        purposes=[Purpose.WITHHOLDING_SLIP],
        range_text="全員",
        by=cast.okada,
        at=at,
    )
    handler = replace(cast.aoki, roles=roles)
    open_all(cast, case, cast.eto)
    open_all(cast, case, handler)
    confirm(cast, case, cast.eto)

    refuses(cast, case, verification.ResponsibleIsLast, handler)


@pytest.mark.shows("I-18")
def test_the_responsible_persons_own_number_is_confirmed_by_two_handlers(cast: Cast, at: datetime) -> None:
    case = waiting(cast, person=cast.okada, second_check=True)
    assert cast.aoki.id is not None
    roles = Role.HANDLER | Role.ADMINISTRATOR
    organisations.change_roles(organisation_id=cast.aoba, member_id=cast.aoki.id, roles=roles, by=cast.aoki, at=at)
    organisations.appoint(
        organisation_id=cast.aoba,
        member_id=cast.aoki.id,
        purposes=[Purpose.WITHHOLDING_SLIP],
        range_text="全員",
        by=cast.okada,
        at=at,
    )
    handler = replace(cast.aoki, roles=roles)
    open_all(cast, case, cast.eto)
    open_all(cast, case, handler)
    confirm(cast, case, cast.eto)

    assert confirm(cast, case, handler) is Outcome.CONFIRMED


# Sending back


def send_back(cast: Cast, case: Waiting, by: Actor, **values: Any) -> None:
    given: dict[str, Any] = {"reasons": ["blurred"], "at": MORNING} | values
    verification.send_back(organisation_id=cast.aoba, submission_id=case.submission_id, by=by, **given)


def test_sending_back_tells_the_person_why(cast: Cast) -> None:
    case = waiting(cast)

    send_back(
        cast,
        case,
        cast.eto,
        reasons=["blurred", "expired"],
        words="裏の写真をお願いします。",
        document_ids=[case.document_ids[0]],
    )

    submission = Submission.objects.get(id=case.submission_id)
    letter = Letter.objects.get()
    assert state(case) == ("sent_back", "sent_back")
    assert len(submission.sent_back_reasons) == 3
    assert "裏" in submission.sent_back_reasons[2]
    assert submission.sent_back_words == "裏の写真をお願いします。"
    assert letter.kind == "sent_back"
    assert events()[-1] == "collection.verification.sent_back"
    assert Verification.objects.get().result == "sent_back"


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"reasons": []}, verification.ReasonsNeeded),
        ({"reasons": ["nonsense"]}, verification.ReasonsNeeded),
        ({"reasons": ["other"]}, verification.ReasonsNeeded),
        ({"words": "あ" * 501}, verification.WordsUnfit),
        ({"words": f"番号は {test_number('12345678901')} でしょうか"}, verification.WordsUnfit),
        ({"words": "１２３４-５６７８-９０１２"}, verification.WordsUnfit),
        ({"document_ids": [UUID(int=1)]}, NotFound),
    ],
)
def test_a_send_back_that_is_refused_changes_nothing(
    cast: Cast, values: dict[str, Any], refusal: type[Refused]
) -> None:
    case = waiting(cast)
    before = events()

    with pytest.raises(refusal):
        send_back(cast, case, cast.eto, **values)

    assert (state(case), events()) == (("submitted", "submitted"), before)
    assert not Letter.objects.exists()


@pytest.mark.parametrize(("who", "refusal"), [("aoki", NotPermitted), ("inoue", NotPermitted)])
def test_only_checkers_send_back(cast: Cast, who: str, refusal: type[Refused]) -> None:
    case = waiting(cast)

    with pytest.raises(refusal):
        send_back(cast, case, getattr(cast, who))

    assert state(case) == ("submitted", "submitted")


def test_the_second_checker_may_send_back(cast: Cast) -> None:
    case = waiting(cast, second_check=True)
    open_all(cast, case, cast.eto)
    confirm(cast, case, cast.eto)

    send_back(cast, case, cast.okada)

    assert state(case) == ("sent_back", "sent_back")


def test_a_program_cannot_verify(cast: Cast) -> None:
    case = waiting(cast)
    token = Actor(
        kind=ActorKind.TOKEN, id=cast.eto.id, organisation_id=cast.aoba, scopes=frozenset({"verification:write"})
    )

    with pytest.raises(NotPermitted):
        send_back(cast, case, token)


def test_whoever_was_faster_wins(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = waiting(cast)
    open_all(cast, case, cast.eto)

    def meanwhile(*_: object) -> None:
        RosterEntry.objects.filter(id=case.entry_id).update(state="sent_back")

    monkeypatch.setattr(verification.confirmations, "_insist_on_looks", meanwhile)

    with pytest.raises(verification.NothingToVerify):
        confirm(cast, case, cast.eto)
    assert not Verification.objects.exists()


@pytest.mark.skipif(not ON_POSTGRESQL, reason="an embedded database in memory has one writer only")
@pytest.mark.django_db(transaction=True)
def test_two_checkers_at_once_never_both_win(cast: Cast) -> None:
    case = waiting(cast)
    for by in (cast.eto, cast.okada):
        open_all(cast, case, by)
    outcomes: list[object] = []
    start = threading.Barrier(2)

    def try_it(by: Actor) -> None:
        start.wait()
        try:
            outcomes.append(confirm(cast, case, by))
        except Refused as refusal:
            outcomes.append(type(refusal))
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it, args=(by,)) for by in (cast.eto, cast.okada)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, outcomes)) == sorted(map(str, [Outcome.CONFIRMED, verification.NothingToVerify]))
    assert Verification.objects.count() == 1
    assert Letter.objects.count() == 1


def test_the_policy_is_there_without_being_made(cast: Cast) -> None:
    assert policies.current(organisation_id=cast.aoba).second_check
    assert not Policy.objects.exists()
