"""Papers of an application: the notice of approval and the application form, each with its number (002-32 … 002-34)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from warifu.applications.actions.states import owned
from warifu.applications.models import Application, Identification, Paper, PaperCopy
from warifu.applications.rules import industries
from warifu.applications.rules.allotment import NET
from warifu.applications.rules.form import chosen_of, lines_of
from warifu.audit import actions as audit
from warifu.audit.events import Applications as Events
from warifu.credentials.actions import attempts
from warifu.credentials.rules import secrets
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import links, papers
from warifu.notices.links import LateLink
from warifu.organisations.rules import Permission, require

CHECK_BITS = 39
"""Random bits of a check code: eight signs, typed beside a number and guessed at against the limiter."""
LETTERS = {Paper.Kind.APPROVAL: "N", Paper.Kind.FORM: "F"}
Kind = Paper.Kind
_METHODS = {True: "netNACCS", False: "一般"}
_OPERATIONS = {"add": "追加", "change": "変更", "delete": "削除"}
_SUBJECTS = {"user_codes": "利用者コード", "identifications": "識別番号"}


class PaperEarly(Refused):
    """The notice of approval is not to be had before the settled start."""

    code = "WF-U611"
    sentence = _("承諾通知書は、利用開始日（{starts_on}）から出せます。")
    remedy = _("その日になってから、もう一度お開きください。申込書は、いまでも出せます。")


class PaperNotThere(Refused):
    """The application has no such paper: it is not sent, or not approved."""

    code = "WF-U612"
    sentence = _("この申込みには、まだこの書面がありません。")
    remedy = _("申込書は申込みを送ってから、承諾通知書は承認のあと、利用開始日から出せます。")


class PaperUnknown(Refused):
    """No paper has this number and this check code; which of them is wrong is not told."""

    code = "WF-U613"
    sentence = _("この番号と確認記号の書面は、発行していません。")
    remedy = _(
        "書面のいちばん上の番号と、QRコードの横の確認記号を見直してください。合っているのに出てこないときは、書面を渡した相手に確かめてください。"
    )
    status = 404


@dataclass(frozen=True, kw_only=True)
class Printed:
    """A paper that was given out."""

    number: str
    title: str
    file_name: str
    content: bytes


@dataclass(frozen=True, kw_only=True)
class Authentic:
    """What anybody is told who shows a paper's number and check code: nothing of persons, nothing of IDs.

    `matches` says whether the bytes that were shown are those that were given out; None when none were shown.
    """

    number: str
    check_code: str
    title: str
    issuer: str
    receipt: str
    issued_on: date
    hashes: tuple[str, ...]
    matches: bool | None
    shown_hash: str


def print_paper(*, organisation_id: UUID, application_id: UUID, kind: str, by: Actor, at: datetime) -> Printed:
    """A paper as PDF: the same bytes each time, and again later (002-32 … 002-34).

    The application form can be had once the application is sent, the notice of approval from the settled start on.
    Raises `NotPermitted`, `NotFound`, `PaperNotThere`, `PaperEarly`.
    """
    require(by=by, permission=Permission.APPLY, organisation_id=organisation_id)
    row = owned(organisation_id=organisation_id, application_id=application_id)
    if kind not in Kind.values:
        raise NotFound
    _insist_due(row, kind, at)
    paper = _paper(row, Kind(kind), at)
    content = papers.pdf(f"applications/papers/{kind}.html", _values(row, paper), title=Kind(kind).label)
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        PaperCopy.objects.get_or_create(paper=paper, sha256=sha256, defaults={"made_at": at})
        audit.record(
            event=Events.PAPER_PRINTED,
            by=by,
            at=at,
            organisation_id=organisation_id,
            subject_id=row.id,
            number=paper.number,
            sha256=sha256,
        )
    return Printed(
        number=paper.number, title=Kind(kind).label, file_name=f"{Kind(kind).label}_{paper.number}.pdf", content=content
    )


def examine(*, number: str, check_code: str, content: bytes | None, address: str, at: datetime) -> Authentic:
    """Whether a paper is authentic, for anybody who holds it; guesses from one address are slowed.

    `content` is the file that they have, when they show one. Raises `PaperUnknown`, `TooManyAttempts`.
    """
    attempts.check(purpose="paper.address", subject=address, at=at)
    paper = (
        Paper.objects.filter(number=number.strip().upper(), check_code=secrets.bare(check_code))
        .select_related("application")
        .first()
    )
    hashes = tuple(paper.copies.order_by("-id").values_list("sha256", flat=True)) if paper else ()
    if paper is None or not hashes:
        attempts.fail(purpose="paper.address", subject=address, at=at)
        raise PaperUnknown
    shown = hashlib.sha256(content).hexdigest() if content is not None else ""
    return Authentic(
        number=paper.number,
        check_code=secrets.grouped(paper.check_code),
        title=Kind(paper.kind).label,
        issuer=paper.issuer,
        receipt=paper.application.receipt or "",
        issued_on=jst_day(paper.issued_at),
        hashes=hashes,
        matches=shown in hashes if shown else None,
        shown_hash=shown,
    )


def _insist_due(row: Application, kind: str, at: datetime) -> None:
    state = Application.State
    if kind == Kind.FORM:
        if row.receipt is None or row.state in (state.DRAFT, state.SENT_BACK):
            raise PaperNotThere
        return
    if row.state != state.APPROVED or row.confirmed_start is None:
        raise PaperNotThere
    if jst_day(at) < row.confirmed_start:
        raise PaperEarly(starts_on=row.confirmed_start.isoformat())


def _paper(row: Application, kind: Paper.Kind, at: datetime) -> Paper:
    """The paper's row; until bytes of it were given out it is not known to anybody (`examine`)."""
    issuer = row.scheme.name
    if kind is Kind.APPROVAL and row.reviewer is not None:
        issuer = row.reviewer.organisation.name
    paper, _is_new = Paper.objects.get_or_create(
        application=row,
        kind=kind,
        version=row.version,
        defaults={
            "number": f"{row.receipt}-{LETTERS[kind]}{row.version}",
            "check_code": secrets.bare(secrets.generated(bits=CHECK_BITS)),
            "issuer": issuer,
            "issued_at": at,
        },
    )
    return paper


def _values(row: Application, paper: Paper) -> dict[str, object]:
    check_page = links.resolve(LateLink(kind="page", reference="/papers/"))
    address = f"{check_page}{paper.number}/{paper.check_code}/"
    return {
        "paper": paper,
        "issued_on": jst_day(paper.issued_at),
        "application": row,
        "form": row.form,
        "organisation": row.organisation.name,
        "subject": _SUBJECTS[row.procedure],
        "operation": _OPERATIONS[row.operation],
        "submitted_on": jst_day(row.submitted_at) if row.submitted_at else None,
        "desired_start": _day(row.form.get("desired_start")),
        "identifications": _identifications(row) if paper.kind == Kind.APPROVAL else [],
        "lines": _lines(row.form),
        "chosen": chosen_of(row.form, row.procedure),
        "settings": _settings(row.form),
        "scan": papers.qr(address),
        "address": address,
        "check_code": secrets.grouped(paper.check_code),
        "check_page": check_page,
    }


def _identifications(row: Application) -> list[dict[str, str]]:
    rows = Identification.objects.filter(application=row).select_related("user_code").order_by("id")
    return [
        {
            "user_code": each.user_code.text,
            "number": each.text,
            "user_id": each.user_code.text + each.text,
            "industries": _names(each.industries),
            "method": _METHODS[each.method == NET],
        }
        for each in rows
    ]


def _lines(form: Mapping[str, Any]) -> list[dict[str, object]]:
    return [
        {
            "user_code": line.user_code,
            "industries": _names(line.industries),
            "shares": "あり" if line.shares_sign_on else "なし",
            "method": _METHODS[line.method == NET],
            "count": line.count,
        }
        for line in lines_of(form)
    ]


def _settings(form: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    given = form.get("settings")
    codes = given.items() if isinstance(given, Mapping) else ()
    return [
        (str(code), _names([tab]) or "名称", str(words))
        for code, tabs in codes
        if isinstance(tabs, Mapping)
        for tab, words in tabs.items()
        if str(words).strip()
    ]


def _names(keys: Any) -> str:
    return "、".join(industries.INDUSTRIES[key].name for key in keys if key in industries.INDUSTRIES)


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
