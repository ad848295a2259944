"""What an application says, as its wizard keeps it, and everything that is the matter with it (002-10 … 002-17)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any

from warifu.applications.rules import allotment, industries, texts
from warifu.applications.rules.allotment import Line, SchemeView
from warifu.applications.rules.planner import LONGEST_AHEAD, StartTooFar
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import add_business_days, is_business_day

OPERATIONS = ("add", "change", "delete")
IDENTIFICATIONS = "identifications"
PERSON = ("name", "kana", "department", "phone", "mail")
MANAGER = ("name", "mail")
NEEDED = ("name", "mail")
MOST_LINES = 40
_PLACEHOLDER = re.compile(r"追加[1-9][0-9]?")


class StartTooSoon(Refused):
    """The wished start leaves no time for the settings."""

    code = "WF-P321"
    sentence = _("利用開始希望日が早すぎます。いちばん早い日は {earliest} です。")
    remedy = _("{earliest} 以後の日にしてください。システム設定の申込みに4営業日がいります。")
    status = 422


class StartNotBusinessDay(Refused):
    """Use begins on a business day."""

    code = "WF-P322"
    sentence = _("{day} は営業日ではありません。")
    remedy = _("営業日を選んでください。次の営業日は {following} です。")
    status = 422


class NoLines(Refused):
    """Nothing is asked for."""

    code = "WF-P331"
    sentence = _("追加する内容が1行もありません。")
    remedy = _("業種を選んだ行を、1行以上加えてください。")
    status = 422


class TooManyLines(Refused):
    """More lines than one application carries."""

    code = "WF-P332"
    sentence = _("1件の申込みに書けるのは{most}行までです。")
    remedy = _("申込みを分けてください。")
    status = 422


class IndustryUnknown(Refused):
    """A line has no industry, or one that there is not."""

    code = "WF-P333"
    sentence = _("業種が選ばれていません。")
    remedy = _("業種を一覧から選んでください。")
    status = 422


class CodeUnknown(Refused):
    """A line names a code that the organisation does not have."""

    code = "WF-P334"
    sentence = _("この組織の利用者コードではありません。")
    remedy = _("一覧から選んでください。終わったコードは選べません。")
    status = 422


class MethodUnknown(Refused):
    """A line has no way of work."""

    code = "WF-P335"
    sentence = _("処理方式が選ばれていません。")
    remedy = _("netNACCS か一般を選んでください。")
    status = 422


class CountUnusable(Refused):
    """Not so many numbers on one line."""

    code = "WF-P336"
    sentence = _("識別番号の数は、1から99までです。")
    remedy = _("数を見直してください。")
    status = 422


class OneIndustryEach(Refused):
    """Without single sign-on each industry has a number of its own."""

    code = "WF-P337"
    sentence = _("シングルサインオンなしのときは、1行に業種を1つだけ選びます。")
    remedy = _("行を分けるか、シングルサインオンありにしてください。")
    status = 422


class CannotShare(Refused):
    """Industries of a line cannot share one sign-on."""

    code = "WF-P338"
    sentence = _("選んだ業種は、一つの識別番号にまとめられません。")
    remedy = _("{names}を別の行にしてください。")
    status = 422


class NothingChosen(Refused):
    """Nothing to change or delete is chosen."""

    code = "WF-P339"
    sentence = _("変更または削除するものが選ばれていません。")
    remedy = _("一覧から選んでください。")
    status = 422


class SettingMissing(Refused):
    """A setting that an industry needs is empty."""

    code = "WF-P340"
    sentence = _("システム設定が空です。")
    remedy = _("内容を入れてください。")
    status = 422


class NothingChanged(Refused):
    """A change that says nothing."""

    code = "WF-P341"
    sentence = _("変える内容が入っていません。")
    remedy = _("変える項目を、一つ以上入れてください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is the matter: on which step, at which field, and the refusal that says why and what to do."""

    step: str
    field: str
    refusal: Refused


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What a form is held against: what is asked for, the scheme, the organisation's living codes with their living
    identification numbers, the earliest start that leaves time for the settings, the organisation's own days."""

    subject: str
    operation: str
    scheme: SchemeView
    own_codes: Mapping[str, Collection[str]]
    earliest: date
    exceptions: Mapping[date, bool] = field(default_factory=lambda: MappingProxyType({}))


STEPS: tuple[str, ...] = ("operation", "person", "codes", "settings")
"""The steps of the wizard that hold values, in order (④ ⑤ ⑥⑦ ⑧ of the seed)."""


def lines_of(form: Mapping[str, Any]) -> list[Line]:
    """The lines of a form as allotment takes them; what is not readable as a line is left out."""
    found = []
    for raw in _list(form, "lines"):
        if isinstance(raw, Mapping):
            count = raw.get("count")
            found.append(
                Line(
                    user_code=str(raw.get("user_code", "")),
                    industries=tuple(str(key) for key in _list(raw, "industries")),
                    shares_sign_on=bool(raw.get("shares_sign_on")),
                    method=str(raw.get("method", "")),
                    count=count if isinstance(count, int) and not isinstance(count, bool) else 0,
                )
            )
    return found


def chosen_of(form: Mapping[str, Any], subject: str) -> list[str]:
    """What is to be changed or deleted: user codes, or user IDs (code and number together)."""
    return [str(one) for one in _list(form, "user_ids" if subject == IDENTIFICATIONS else "user_codes")]


def tidied(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a step says, as it is kept: names trimmed, readings in katakana, telephone and mail in half width."""
    found = dict(values)
    for role in ("person", "manager"):
        if isinstance(given := found.get(role), Mapping):
            found[role] = {
                str(name): texts.tidied(kind=name, text=str(text)) if name in PERSON else text
                for name, text in given.items()
            }
    if "reason" in found:
        found["reason"] = texts.tidied(kind="reason", text=str(found["reason"]))
    return found


def faults(*, form: Mapping[str, Any], circumstances: Circumstances) -> list[Fault]:
    """Everything that keeps a form from being sent, step by step; empty when it can be."""
    wanted = circumstances
    found = [*_operation_faults(form, wanted), *_person_faults(form)]
    if wanted.operation == "add":
        return [*found, *_line_faults(form, wanted), *_settings_faults(form)]
    found += _chosen_faults(form, wanted)
    if wanted.operation == "change":
        found += _change_faults(form, wanted)
    return found


def is_placeholder(user_code: str) -> bool:
    """Whether a line's code stands for one that is still to be allotted: 追加1, 追加2 … (002-23)."""
    return bool(_PLACEHOLDER.fullmatch(user_code))


def _operation_faults(form: Mapping[str, Any], wanted: Circumstances) -> Iterator[Fault]:
    refusal = start_trouble(start=_day(form.get("desired_start")), wanted=wanted)
    if refusal is not None:
        yield Fault(step="operation", field="desired_start", refusal=refusal)
    yield from _text_faults("operation", "reason", "reason", form.get("reason", ""), is_needed=True)


def start_trouble(*, start: date | None, wanted: Circumstances) -> Refused | None:
    """What is the matter with a wished start."""
    if start is None:
        return texts.Missing()
    if start < wanted.earliest:
        return StartTooSoon(earliest=wanted.earliest.isoformat())
    latest = wanted.earliest + LONGEST_AHEAD
    if start > latest:
        return StartTooFar(latest=latest.isoformat())
    if not is_business_day(day=start, exceptions=wanted.exceptions):
        following = add_business_days(day=start, count=1, exceptions=wanted.exceptions)
        return StartNotBusinessDay(day=start.isoformat(), following=following.isoformat())
    return None


def _person_faults(form: Mapping[str, Any]) -> Iterator[Fault]:
    for role, names in (("person", PERSON), ("manager", MANAGER)):
        given = form.get(role)
        for name in names:
            text = given.get(name, "") if isinstance(given, Mapping) else ""
            yield from _text_faults("person", f"{role}.{name}", name, text, is_needed=name in NEEDED)


def _text_faults(step: str, place: str, kind: str, text: object, *, is_needed: bool = False) -> Iterator[Fault]:
    given = str(text)
    refusal = texts.trouble(kind=kind, text=given)
    if refusal is None and is_needed and not texts.tidied(kind=kind, text=given):
        refusal = texts.Missing()
    if refusal is not None:
        yield Fault(step=step, field=place, refusal=refusal)


def _line_faults(form: Mapping[str, Any], wanted: Circumstances) -> Iterator[Fault]:
    lines = lines_of(form)
    if not lines:
        yield Fault(step="codes", field="lines", refusal=NoLines())
    if len(lines) > MOST_LINES:
        yield Fault(step="codes", field="lines", refusal=TooManyLines(most=MOST_LINES))
    for place, line in enumerate(lines[:MOST_LINES]):
        for refusal in _line_troubles(line, wanted):
            yield Fault(step="codes", field=f"lines.{place}", refusal=refusal)


def _line_troubles(line: Line, wanted: Circumstances) -> Iterator[Refused]:
    may_be_new = wanted.subject != IDENTIFICATIONS and is_placeholder(line.user_code)
    if not may_be_new and line.user_code not in wanted.own_codes:
        yield CodeUnknown()
    if line.method not in (allotment.NET, allotment.GENERAL):
        yield MethodUnknown()
    if not 1 <= line.count <= 99:
        yield CountUnusable()
    if not line.industries or any(key not in industries.INDUSTRIES for key in line.industries):
        yield IndustryUnknown()
    elif not line.shares_sign_on and len(line.industries) > 1:
        yield OneIndustryEach()
    elif not (shared := industries.sharing(industries=line.industries)).is_possible:
        yield CannotShare(names="、".join(industries.INDUSTRIES[key].name for key in shared.remove))


def _settings_faults(form: Mapping[str, Any]) -> Iterator[Fault]:
    for code, tabs in tabs_of(form).items():
        for tab in tabs:
            text = _setting(form, code, tab)
            place = f"settings.{code}.{tab}"
            if not text.strip():
                yield Fault(step="settings", field=place, refusal=SettingMissing())
            else:
                yield from _text_faults("settings", place, "setting", text)


def tabs_of(form: Mapping[str, Any]) -> dict[str, list[str]]:
    """Which settings each code of the lines needs: its name when it is new, and those of its industries (002-15)."""
    tabs: dict[str, list[str]] = {}
    for line in lines_of(form):
        mine = tabs.setdefault(line.user_code, ["name"] if is_placeholder(line.user_code) else [])
        for key in line.industries:
            known = industries.INDUSTRIES.get(key)
            if known is not None and known.needs_settings and key not in mine:
                mine.append(key)
    return tabs


def _chosen_faults(form: Mapping[str, Any], wanted: Circumstances) -> Iterator[Fault]:
    name = "user_ids" if wanted.subject == IDENTIFICATIONS else "user_codes"
    own = set(wanted.own_codes)
    if wanted.subject == IDENTIFICATIONS:
        own = {code + number for code, numbers in wanted.own_codes.items() for number in numbers}
    chosen = chosen_of(form, wanted.subject)
    if not chosen:
        yield Fault(step="codes", field=name, refusal=NothingChosen())
    elif not own.issuperset(chosen):
        yield Fault(step="codes", field=name, refusal=CodeUnknown())


def _change_faults(form: Mapping[str, Any], wanted: Circumstances) -> Iterator[Fault]:
    for code in chosen_of(form, wanted.subject):
        given = [key for key in ("name", *industries.INDUSTRIES) if _setting(form, code, key).strip()]
        if not given:
            yield Fault(step="settings", field=f"settings.{code}", refusal=NothingChanged())
        for tab in given:
            yield from _text_faults("settings", f"settings.{code}.{tab}", "setting", _setting(form, code, tab))


def _setting(form: Mapping[str, Any], code: str, tab: str) -> str:
    settings = form.get("settings")
    tabs = settings.get(code) if isinstance(settings, Mapping) else None
    return str(tabs.get(tab, "")) if isinstance(tabs, Mapping) else ""


def _list(form: Mapping[str, Any], name: str) -> list[Any]:
    found = form.get(name)
    return list(found) if isinstance(found, (list, tuple)) else []


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
