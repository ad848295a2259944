"""Parts of pages as template tags; loaded in every template."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.forms.boundfield import BoundField
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.loader_tags import BlockNode
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from warifu.foundation import days
from warifu.web.shared import help_addresses
from warifu.web.shared.forms import control
from warifu.web.shared.procedures import procedure

register = template.Library()

NOTICE_ICONS = {"late": "alert", "heed": "clock", "done": "check", "info": "info"}
_MESSAGE_KINDS = {"error": "late", "warning": "heed", "success": "done"}
_WEEKDAYS = ("月", "火", "水", "木", "金", "土", "日")


@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str) -> SafeString:
    """A line icon of `icons.svg`; it is decoration, words stand beside it."""
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("icons.svg"), name)


@register.simple_tag
def badge(kind: str, words: str, icon: str = "") -> SafeString:
    """A state as icon and word; `kind` is late, heed, done, info, test or empty for a neutral one (A-03)."""
    mark = _icon(icon) if icon else ""
    return format_html('<span class="badge{}">{}{}</span>', f" badge-{kind}" if kind else "", mark, words)


@register.simple_tag
def steps(names: str | list[str] | tuple[str, ...], current: int) -> SafeString:
    """The row of steps; `names` is a list or a text with commas, `current` counts from 1."""
    listed = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    marks = {True: ' class="past"', False: ""}
    items = format_html_join(
        "\n",
        "<li{}>{}</li>",
        (
            (SafeString(' aria-current="step"' if number == current else marks[number < current]), name)
            for number, name in enumerate(listed, start=1)
        ),
    )
    return format_html('<ol class="stepper" aria-label="{}">{}</ol>', gettext("手順"), items)


@register.simple_tag
def stepper(key: str, step: str) -> SafeString:
    """The row of steps of a declared procedure, with one of its steps as the current one (ADR 0014)."""
    declared = procedure(key)
    row: SafeString = steps([gettext(title) for title in declared.step_titles()], declared.place(step))
    return row


@register.inclusion_tag("shared/field.html")
def field(bound: BoundField) -> dict[str, Any]:
    """A form's field with label, 必須 or 任意 in words, hint, control and error (A-02)."""
    return {"field": bound}


@register.simple_tag(name="control")
def draw_control(bound: BoundField) -> SafeString:
    """The bare control of a field, dressed and tied to its hint and error."""
    return control(bound)


@register.inclusion_tag("shared/parts/progress.html")
def progress(value: int, total: int, words: str, name: str = "progress") -> dict[str, Any]:
    """A bar with its words, `84／128`; `name` makes its id and must be unique on the page."""
    return {"value": value, "total": total, "words": words, "name": name}


@register.inclusion_tag("shared/parts/empty_state.html")
def empty_state(icon: str, title: str, words: str = "", address: str = "", action: str = "") -> dict[str, Any]:
    """What will stand here, and the one way to begin."""
    return {"icon": icon, "title": title, "words": words, "address": address, "action": action}


@register.inclusion_tag("shared/parts/pager.html")
def pager(older: str = "", newer: str = "") -> dict[str, Any]:
    """Links to the neighbouring pages of a keyset list; an empty address leaves its link out."""
    return {"older": older, "newer": newer}


@register.simple_block_tag
def notice(content: SafeString, kind: str, title: str) -> SafeString:
    """A banner around further words; `kind` is info, heed, late or done, and decides the icon."""
    return format_html(
        '<div class="notice notice-{}"{}>{}<p class="notice-title">{}</p>{}</div>',
        kind,
        SafeString(' role="alert"') if kind == "late" else "",
        _icon(NOTICE_ICONS[kind]),
        title,
        content,
    )


@register.simple_block_tag
def dialog(content: SafeString, name: str, title: str) -> SafeString:
    """A window that asks before something is done; any `<button data-opens="name">` opens it (dialog.js)."""
    return format_html(
        '<dialog class="dialog" id="{0}" aria-labelledby="{0}-title"><h2 id="{0}-title">{1}</h2>{2}</dialog>',
        name,
        title,
        content,
    )


@register.filter
def translated(words: str) -> str:
    """The reader's words for a Japanese text that a room has marked, or for two of them with a space between."""
    if not words:
        return ""
    found = gettext(words)
    first, _space, second = words.rpartition(" ")
    return f"{gettext(first)} {gettext(second)}" if found == words and first else found


@register.filter
def yen(amount: int) -> str:
    """An amount with commas, as bills write it: 5,000."""
    return f"{amount:,}"


@register.filter
def message_kind(level: str) -> str:
    """The kind of notice for a message's level."""
    return _MESSAGE_KINDS.get(level, "info")


@register.filter
def notice_icon(kind: str) -> str:
    """The icon of a kind of notice."""
    return NOTICE_ICONS[kind]


@register.filter
def money(amount: Decimal) -> str:
    """An amount with its signs of grouping; decimals only where there are some."""
    return f"{amount:,.0f}" if amount == amount.to_integral() else f"{amount:,.2f}"


@register.filter(name="wareki")
def wareki_text(day: date | None) -> str:
    """A day in both calendars, `昭和63年(1988年)4月2日` (J-11); nothing for None."""
    if day is None:
        return ""
    if get_language() == "en":
        return f"{day.day} {day:%B %Y}"
    return f"{days.era_year(day)}({day.year}年){day.month}月{day.day}日"


@register.filter(name="jst")
def jst_text(moment: datetime | None) -> str:
    """A moment in Japan time, `11/24(火) 10:00`; nothing for None."""
    if moment is None:
        return ""
    local = moment.astimezone(days.JST)
    return f"{day_text(local.date())} {local:%H:%M}"


@register.filter(name="day")
def day_text(value: date | None) -> str:
    """A day as `11/24(火)`, with its year when that is not this year; nothing for None."""
    if value is None:
        return ""
    is_this_year = value.year == timezone.now().astimezone(days.JST).year
    if get_language() == "en":
        return f"{value:%a} {value.day} {value:%b}" + ("" if is_this_year else f" {value.year}")
    year = "" if is_this_year else f"{value.year}/"
    return f"{year}{value.month}/{value.day}({_WEEKDAYS[value.weekday()]})"


@register.simple_tag
def wareki(day: date | None) -> SafeString:
    """A day in both calendars, machine-readable as well."""
    return _time(day, wareki_text(day))


@register.simple_tag
def jst(moment: datetime | None) -> SafeString:
    """A moment in Japan time, machine-readable as well."""
    return _time(moment, jst_text(moment))


@register.simple_tag
def day(value: date | None) -> SafeString:
    """A day, machine-readable as well."""
    return _time(value, day_text(value))


@register.tag
def block_text(parser: Parser, token: Token) -> template.Node:
    """`{% block_text "title" as name %}`: what a page put into a block, for frames that need it twice or not at all."""
    _tag, quoted, _as, name = token.split_contents()
    return _BlockText(quoted.strip('"'), name)


class _BlockText(template.Node):
    def __init__(self, block: str, name: str) -> None:
        self.block = block
        self.name = name

    def render(self, context: Context) -> str:
        context[self.name] = SafeString(BlockNode(self.block, template.NodeList()).render(context).strip())
        return ""


def _icon(name: str) -> SafeString:
    drawn: SafeString = icon(name)
    return drawn


def _time(value: date | None, words: str) -> SafeString:
    if value is None:
        return SafeString("")
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), words)


@register.simple_tag
def help_address(key: str) -> str:
    """The address of a document of help by its key in the index."""
    return help_addresses.address_of(key)


@register.simple_tag
def own_words(japanese: str, english: str) -> str:
    """A text of help in the reader's language, where there is one."""
    return help_addresses.in_own_words(japanese, english)


@register.simple_tag
def article_text(body: str) -> SafeString:
    """The text of an article, drawn from its Markdown and cleaned."""
    return SafeString(help_addresses.drawn(body))
