"""Verbs of 利用目的のお知らせ: publish a version, and note that a person was shown it (P-03, P-04)."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.audit import actions as audit
from warifu.audit.events import Collection as Events
from warifu.collection.models import Dependent, NoticeShown, PurposeNotice, Submission
from warifu.foundation.actor import SYSTEM, Actor
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, may, require
from warifu.vault.actions import numbers

_OPENING = "個人番号を、次の目的に使います。ここにない目的では使いません。"


class PlanNotComplete(Refused):
    """Without a complete handling plan no number may be collected (P-15)."""

    code = "WF-C301"
    sentence = _("会社の準備がまだ終わっていないため、番号の入力を始められません。")
    remedy = _("会社の担当者に、「取扱いの定め」がまだ整っていないことをお伝えください。あなたの期限には影響しません。")


class NoticeReplaced(Refused):
    """The notice that was on the screen is no longer the newest; the newest must be shown (P-03)."""

    code = "WF-C302"
    sentence = _("お知らせの内容が、たったいま新しくなりました。")
    remedy = _("新しい使い道をお読みになってから、お進みください。")


def publish(*, organisation_id: UUID, by: Actor, at: datetime) -> int:
    """Publish the purposes of the handling plan, all at once, as the next version; returns the version.

    The newest version stays when it already names exactly these purposes. Raises `NotPermitted`, `PlanNotComplete`.
    """
    require(by=by, permission=Permission.HANDLING_MANAGE, organisation_id=organisation_id)
    plan = organisations.handling_plan(organisation_id=organisation_id)
    if plan.completed_at is None or not plan.purposes:
        raise PlanNotComplete
    codes = [purpose.value for purpose in plan.purposes]
    try:
        with transaction.atomic():
            return _next_version(organisation_id, codes, by, at).version
    except IntegrityError:
        return _newest(organisation_id).version


def ensure(*, organisation_id: UUID, at: datetime) -> int:
    """The version that tells the plan's purposes as they are now, published by the house itself where it was not yet.

    So that nobody can be asked for a number under a notice that leaves a purpose out. Raises `PlanNotComplete`.
    """
    return publish(organisation_id=organisation_id, by=SYSTEM, at=at)


def note_shown(*, organisation_id: UUID, member_id: UUID, version: int, by: Actor, at: datetime) -> None:
    """Record that a person was shown a version, and let their numbers be used for all of its purposes (P-03).

    By the person, or by a handler who handed or read it out before entering for them. Showing the same version again
    changes nothing. Raises `NotFound` for anybody else, `NoticeReplaced` when a newer version is out.
    """
    if by.id == member_id:
        require(by=by, permission=Permission.OWN_RECORD, organisation_id=organisation_id)
    elif not may(by=by, permission=Permission.ENTER_FOR, organisation_id=organisation_id):
        raise NotFound
    organisations.member(organisation_id=organisation_id, member_id=member_id)
    notice = PurposeNotice.objects.filter(organisation_id=organisation_id).order_by("-version").first()
    if notice is None or notice.version != version:
        raise NoticeReplaced
    with transaction.atomic():
        _shown, is_new = NoticeShown.objects.get_or_create(notice=notice, member_id=member_id, defaults={"at": at})
        if not is_new:
            return
        _allow(organisation_id, member_id, [Purpose(code) for code in notice.purposes], by, at)
        audit.record(
            event=Events.NOTICE_SHOWN,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=member_id,
            version=version,
            hash=notice.hash,
        )


def _next_version(organisation_id: UUID, codes: list[str], by: Actor, at: datetime) -> PurposeNotice:
    newest = PurposeNotice.objects.filter(organisation_id=organisation_id).order_by("-version").first()
    if newest is not None and set(newest.purposes) == set(codes):
        return newest
    text = _text(codes)
    notice = PurposeNotice.objects.create(
        organisation_id=organisation_id,
        version=newest.version + 1 if newest else 1,
        purposes=codes,
        text=text,
        hash=hashlib.sha256(text.encode()).hexdigest(),
        published_at=at,
    )
    audit.record(
        event=Events.NOTICE_PUBLISHED,
        by=by,
        at=at,
        organisation_id=organisation_id,
        version=notice.version,
        purposes=codes,
        hash=notice.hash,
    )
    return notice


def _newest(organisation_id: UUID) -> PurposeNotice:
    return PurposeNotice.objects.filter(organisation_id=organisation_id).order_by("-version")[0]


def _text(codes: list[str]) -> str:
    return "\n".join([_OPENING, *(f"・{Purpose(code).label}" for code in codes)])


def _allow(organisation_id: UUID, member_id: UUID, purposes: list[Purpose], by: Actor, at: datetime) -> None:
    own = Submission.objects.filter(
        organisation_id=organisation_id, entry__member_id=member_id, number_ref__isnull=False
    )
    family = Dependent.objects.filter(
        submission__organisation_id=organisation_id,
        submission__entry__member_id=member_id,
        number_ref__isnull=False,
    )
    subjects = ({member_id} if own.exists() else set()) | set(family.values_list("subject_id", flat=True))
    for subject_id in sorted(subjects):
        numbers.allow_purposes(subject_id=subject_id, organisation_id=organisation_id, purposes=purposes, by=by, at=at)
