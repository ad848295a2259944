"""Verbs of letter texts: an organisation's own wording of a letter."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Notices as Events
from warifu.foundation.actor import Actor
from warifu.foundation.masking import twelve_digit_runs
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import kinds, rules
from warifu.notices.models import LetterText
from warifu.organisations.rules import Permission, require


class PlaceholderUnknown(Refused):
    """The text asks for a value that this letter does not have."""

    code = "WF-N201"
    sentence = _("「{placeholder}」は、このメールでは使えない差込みです。")
    remedy = _("使える差込みは、文面の横の一覧にあるものだけです。波かっこ { } は差込みのほかには使えません。")
    status = 422

    def __init__(self, *, placeholder: str) -> None:
        super().__init__(placeholder=f"{{{placeholder}}}")


class LinkMissing(Refused):
    """The text lost the link, without which the person cannot go on."""

    code = "WF-N202"
    sentence = _("文面に「リンク」の差込みがありません。")
    remedy = _("リンクがないと受け取った人が進めません。本文に「リンク」の差込みを戻してください。")
    status = 422


class TextUnusable(Refused):
    """Subject or body are empty, too long, or hold what must not stand in a letter."""

    code = "WF-N203"
    sentence = _("件名または本文を、このままでは使えません。")
    remedy = _("件名は1行で100字まで、本文は5,000字までで、どちらも必要です。12桁の数字は書けません。")
    status = 422


def edit_text(
    *, organisation_id: UUID, kind: str, subject: str, body: str, by: Actor, at: datetime, language: str = "ja"
) -> None:
    """Give a letter the organisation's own words: plain text with placeholders from the kind's list, link included.

    Raises `NotPermitted`, `NotFound` for an unknown kind, `PlaceholderUnknown`, `LinkMissing`, `TextUnusable`.
    """
    require(by=by, permission=Permission.SETTINGS_MANAGE, organisation_id=organisation_id)
    subject, body = subject.strip(), body.replace("\r\n", "\n").strip() + "\n"
    insist_usable(kind=kind, subject=subject, body=body)
    with transaction.atomic():
        LetterText.objects.update_or_create(
            organisation_id=organisation_id,
            kind=kind,
            language=language,
            defaults={"subject": subject, "body": body, "changed_at": at},
        )
        audit.record(
            event=Events.TEXT_CHANGED, by=by, at=at, organisation_id=organisation_id, kind=kind, language=language
        )


def reset_text(*, organisation_id: UUID, kind: str, by: Actor, at: datetime, language: str = "ja") -> None:
    """Go back to our wording. Raises `NotPermitted`, and `NotFound` when the letter has no wording of its own."""
    require(by=by, permission=Permission.SETTINGS_MANAGE, organisation_id=organisation_id)
    with transaction.atomic():
        own = LetterText.objects.filter(organisation_id=organisation_id, kind=kind, language=language)
        if not own.delete()[0]:
            raise NotFound
        audit.record(
            event=Events.TEXT_RESET, by=by, at=at, organisation_id=organisation_id, kind=kind, language=language
        )


def insist_usable(*, kind: str, subject: str, body: str) -> None:
    """Refuse a wording that could not be sent; for saving and for previews."""
    if kind not in kinds.BY_NAME:
        raise NotFound
    fields = kinds.names_of_fields(kinds.BY_NAME[kind])
    link = {"link", kinds.PLACEHOLDERS["link"]}
    known = {*fields, *(kinds.PLACEHOLDERS[name] for name in fields)}
    unknown = rules.unknown_placeholders(subject, known=known - link) + rules.unknown_placeholders(body, known=known)
    if unknown:
        raise PlaceholderUnknown(placeholder=unknown[0])
    if "link" in fields and not link & set(rules.placeholders_in(body)):
        raise LinkMissing
    too_long = len(subject) > 100 or len(body) > 5_000
    if not subject or not body.strip() or too_long or not rules.is_header_text(subject):
        raise TextUnusable
    if twelve_digit_runs(subject + "\n" + body):
        raise TextUnusable
