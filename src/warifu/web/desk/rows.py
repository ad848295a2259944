"""A row of the people list in words: badge, days, reason, next step; a template would take longer for them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from html import escape
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from warifu.collection.queries.people import Row
from warifu.collection.rules.overdue import Reason, Step
from warifu.web.templatetags.warifu import badge, day, icon

BADGES: dict[str, tuple[str, Any, str]] = {
    "late": ("late", _("期限超過"), "alert"),
    "listed": ("heed", _("依頼前"), "mail"),
    "invited": ("", _("提出待ち"), "clock"),
    "started": ("", _("入力中"), "pencil"),
    "submitted": ("info", _("確認待ち"), "eye"),
    "checked": ("info", _("二人目待ち"), "two"),
    "verified": ("done", _("済"), "check"),
    "sent_back": ("heed", _("差戻し"), "undo"),
    "not_provided": ("", _("提出なし"), "info"),
    "withdrawn": ("", _("取下げ"), "undo"),
    "ended": ("", _("退職・退出"), "info"),
}

_NONE = SafeString("")
_ANY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Line:
    """A row in words, so that a template only places them."""

    look: str
    id: UUID
    name: str
    under_name: SafeString
    registered: SafeString
    submitted: SafeString
    badge: SafeString
    days: str
    reason: str
    more: str
    step: SafeString


def line(row: Row, *, may_invite: bool, may_verify: bool) -> Line:
    """One row in words, with the next step that this visitor may take."""
    return _Words(may_invite, may_verify).line(row)


def drawn(rows: Iterable[Row], *, markup: str, may_invite: bool, may_verify: bool) -> SafeString:
    """The rows as HTML: `markup` for each, the names between its braces filled by the fields of `Line`, escaped."""
    words = _Words(may_invite, may_verify)
    names = Line.__slots__
    lines = (words.line(row) for row in rows)
    return SafeString(
        "".join(markup.format(**{name: _escaped(getattr(line, name)) for name in names}) for line in lines)
    )


class _Words:
    """The words of one page: whatever rows have in common is looked up once."""

    def __init__(self, may_invite: bool, may_verify: bool) -> None:
        self.may_verify = may_verify
        self.badges = {name: badge(kind, gettext(str(said)), mark) for name, (kind, said, mark) in BADGES.items()}
        self.reasons = {reason: gettext(reason.sentence) for reason in Reason}
        self.day: Callable[[date | None], SafeString] = cache(day)
        self.person = _address("desk:people.page")
        self.mail = _address("desk:people.readdress")
        self.verification = _address("desk:verification.page")
        self.past, self.left = gettext("{days}日過ぎ"), gettext("あと{days}日")
        self.relatives = gettext("扶養親族など{count}人")
        self.reminded = gettext("催促{count}回、最後は{day}")
        self.steps = self._steps(may_invite)

    def _steps(self, may_invite: bool) -> dict[Step, tuple[SafeString, Callable[[UUID], str] | None]]:
        """For each step what is drawn (`{}` stands for its address or the entry's id) and how the address is made."""
        wait = format_html('<span class="small soft">{}</span>', gettext("いまは待ちます"))
        read = (_link(gettext("記録を見る")), self.person)
        steps: dict[Step, tuple[SafeString, Callable[[UUID], str] | None]] = dict.fromkeys(Step, (wait, None))
        steps[Step.READ] = read
        steps[Step.GIVE_PAPER] = (format_html('<span class="small">{}</span>', gettext("紙で案内します")), None)
        if self.may_verify:
            steps[Step.VERIFY] = (_button("shield", gettext("確認する")), self.verification)
            steps[Step.SEND_BACK] = (_button("undo", gettext("差戻す")), self.verification)
            steps[Step.VERIFY_AS_SECOND] = (_button("shield", gettext("見届ける")), self.verification)
        if may_invite:
            invite = reverse("desk:invitations.page")
            steps[Step.INVITE] = (_button("mail", gettext("依頼を送る")), lambda _id: invite)
            steps[Step.MEND_MAIL] = (_button("pencil", gettext("メールアドレスを直す")), self.mail)
            steps[Step.GIVE_PAPER] = (_link(gettext("宛先を入れるか、紙で案内します")), self.mail)
            steps[Step.REMIND] = (
                format_html(
                    '<button class="button button-small" form="one-click" name="pick" value="{}">{}{}</button>',
                    SafeString("{}"),
                    icon("mail"),
                    gettext("催促を送る"),
                ),
                str,
            )
        return steps

    def line(self, row: Row) -> Line:
        """One row."""
        step, address = self.steps[row.step]
        return Line(
            look=_look(row),
            id=row.entry_id,
            name=row.name,
            under_name=_under_name(row),
            registered=self.day(row.registered_on),
            submitted=self._submitted(row),
            badge=self.badges["late" if row.is_late else row.state.value],
            days=self._days(row),
            reason=self.reasons[row.reason],
            more=self._more(row),
            step=SafeString(step.replace("{}", address(row.entry_id), 1)) if address else step,
        )

    def _submitted(self, row: Row) -> SafeString:
        if row.submitted_on is None:
            return _NONE
        told = self.day(row.submitted_on)
        if self.may_verify:
            told = format_html('<a href="{}">{}</a>', self.verification(row.entry_id), told)
        if row.dependents:
            return format_html('{}<span class="sub">{}</span>', told, self.relatives.format(count=row.dependents))
        return told

    def _days(self, row: Row) -> str:
        if row.is_late:
            return self.past.format(days=row.days_late)
        if row.confirmed_on:
            return self.day(row.confirmed_on)
        return self.left.format(days=row.days_left) if row.state in ("invited", "started") else ""

    def _more(self, row: Row) -> str:
        if row.reason is Reason.BOUNCED:
            return row.bounce_reason
        if row.reminded_on and row.is_late:
            return format_html(self.reminded, count=row.reminders, day=self.day(row.reminded_on))
        return ""


def _look(row: Row) -> str:
    if row.is_late:
        return "row-late"
    return "row-quiet" if row.step is Step.READ else ""


def _under_name(row: Row) -> SafeString:
    place = "・".join(part for part in (row.employee_code, row.department) if part)
    return SafeString("<br>".join(escape(part) for part in (row.kana, place) if part))


def _escaped(value: object) -> str:
    """What `conditional_escape` gives, which would take a third of the page's time for the fields of its rows."""
    return value if isinstance(value, SafeString) else escape(str(value))


def _address(name: str) -> Callable[[UUID], str]:
    """How to make the address of a view that takes an id; `reverse` for each row would cost more than the row."""
    before, after = reverse(name, args=[_ANY]).split(str(_ANY))
    return lambda entry_id: f"{before}{entry_id}{after}"


def _link(words: str) -> SafeString:
    return format_html('<a class="small" href="{}">{}</a>', SafeString("{}"), words)


def _button(mark: str, words: str) -> SafeString:
    return format_html('<a class="button button-small" href="{}">{}{}</a>', SafeString("{}"), icon(mark), words)
