"""What looking, confirming and sending back have in common: whose hand, which submission, what is recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from uuid import UUID

from warifu.collection.models import RosterEntry, Submission, Verification
from warifu.collection.queries import verification as queries
from warifu.collection.rules import checklist as items
from warifu.collection.rules import papers
from warifu.collection.rules.identity import Decision
from warifu.foundation.actor import Actor, ActorKind
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.organisations import queries as organisations
from warifu.organisations.rules import NotPermitted, Permission, require
from warifu.vault.rules import NotAppointed


class NothingToVerify(Refused):
    """The submission is not waiting: sent back, withdrawn, already confirmed, or somebody was faster."""

    code = "WF-C501"
    sentence = _("この提出は、いまは確認を待っていません。ほかの人が先に進めたか、本人が取り下げました。")
    remedy = _("画面を読み込み直して、いまの状態をご覧ください。")


class OwnRecord(Refused):
    """Nobody confirms their own number (I-18)."""

    code = "WF-C503"
    sentence = _("自分の番号を、自分で済にすることはできません。")
    remedy = _("ほかの事務取扱担当者に確認を頼んでください。")
    status = 403


class EnteredByYou(Refused):
    """Whoever entered for a person does not check it (I-18)."""

    code = "WF-C504"
    sentence = _("あなたが代わりに入力した内容を、自分で確かめることはできません。")
    remedy = _("ほかの事務取扱担当者に確認を頼んでください。")
    status = 403


class WordsUnfit(Refused):
    """The checker's own words are too long or hold twelve digits (N-06, I-19)."""

    code = "WF-C512"
    sentence = _("ことばは{most}文字までで、12桁の数字は書けません。")
    remedy = _("番号は書かずに、短く書いてください。")
    status = 422


def checker_id(*, by: Actor, organisation_id: UUID) -> UUID:
    """The checker's id: a member with the permission; programs and the house itself verify nobody."""
    require(by=by, permission=Permission.VERIFY, organisation_id=organisation_id)
    if by.kind is not ActorKind.MEMBER or by.id is None:
        raise NotPermitted
    return by.id


def submission_of(*, organisation_id: UUID, submission_id: UUID) -> Submission:
    """A submission of the organisation with its person and notice. Raises `NotFound`."""
    found = (
        Submission.objects.select_related("entry__member", "notice")
        .filter(organisation_id=organisation_id, id=submission_id)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def waiting(*, organisation_id: UUID, submission_id: UUID) -> Submission:
    """The submission under its lock; raises `NothingToVerify` unless it and its entry wait for a check."""
    if not Submission.objects.select_for_update().filter(organisation_id=organisation_id, id=submission_id):
        raise NotFound
    submission = submission_of(organisation_id=organisation_id, submission_id=submission_id)
    if submission.state != Submission.State.SUBMITTED or submission.entry.state not in RosterEntry.WAITING:
        raise NothingToVerify
    return submission


def insist_on_hand(*, submission: Submission, checker: UUID, on: date) -> None:
    """An appointed hand (S-09), and another than the person's own and than the one that entered (I-18)."""
    if not organisations.appointed_purposes(organisation_id=submission.organisation_id, member_id=checker, on=on):
        raise NotAppointed
    if checker == submission.entry.member_id:
        raise OwnRecord
    if checker == submission.entered_by:
        raise EnteredByYou


def record_of(
    *,
    submission: Submission,
    people: list[queries.Subject],
    decisions: Mapping[str, Decision],
    answers: Mapping[str, str],
    at: datetime,
) -> Verification:
    """The record of a check: persons, methods and kinds of papers; no number and no name (I-19)."""
    known = {item.code for one in people for group in items.groups(one.person) for item in group.items}
    own = decisions.get("self")
    return Verification(
        organisation_id=submission.organisation_id,
        submission=submission,
        member_id=submission.entry.member_id,
        method=own.method if own else submission.method,
        papers=[
            {
                "person": one.person.key,
                "relation": one.person.relation.value,
                "method": decisions[one.person.key].method if one.person.key in decisions else "",
                "papers": sorted({paper for paper, _side in one.person.pictures}),
                "notes": list(decisions[one.person.key].notes) if one.person.key in decisions else [],
            }
            for one in people
        ],
        checklist={code: answers[code][:10] for code in sorted(known) if answers.get(code)},
        rule_version=papers.rule_version(queries.office_of(submission=submission)),
        channel=submission.channel,
        entered_by=submission.entered_by,
        created_at=at,
    )


def move(*, submission: Submission, expected: Collection[str], state: str, **values: object) -> None:
    """Move the entry on, unless somebody else just did: exactly one row must change."""
    entries = RosterEntry.objects.filter(id=submission.entry_id, state__in=expected)
    if entries.update(state=state, **values) != 1:
        raise NothingToVerify


def post(*, letter: kinds.Letter, submission: Submission, by: Actor, at: datetime) -> None:
    """Write the person a letter about a submission, once of each kind; nobody without an address gets one."""
    member = submission.entry.member
    if not member.mail:
        return
    addressed = notices.Addressed(
        letter=letter,
        member_id=member.id,
        to_mail=member.mail,
        to_name=member.full_name,
        key=f"{letter.kind()}:{submission.id}",
    )
    notices.post_many(letters=[addressed], organisation_id=submission.organisation_id, by=by, at=at)
