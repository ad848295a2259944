"""What an application says, as its wizard keeps it, and everything that is the matter with it (002-10 … 002-17)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from warifu.applications.rules import allotment, industries
from warifu.applications.rules.allotment import Line, SchemeView
from warifu.foundation.refusals import translatable as _

OPERATIONS = ("add", "change", "delete")
PERSON = ("name", "kana", "department", "phone", "mail")
MANAGER = ("name", "mail")
_LONGEST = {"reason": 500, "name": 100, "kana": 100, "department": 100, "phone": 20, "mail": 254}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is the matter: on which step, at which field, why, and what to do."""

    step: str
    field: str
    words: str


STEPS: tuple[str, ...] = ("operation", "person", "codes", "settings")
"""The steps of the wizard that hold values, in order (④ ⑤ ⑥⑦ ⑧ of the seed)."""


def lines_of(form: Mapping[str, Any]) -> list[Line]:
    """The lines of a form as allotment takes them; what is not readable as a line is left out."""
    found = []
    for raw in form.get("lines", []):
        if isinstance(raw, Mapping):
            found.append(
                Line(
                    user_code=str(raw.get("user_code", "")),
                    industries=tuple(str(key) for key in raw.get("industries", [])),
                    shares_sign_on=bool(raw.get("shares_sign_on")),
                    method=str(raw.get("method", "")),
                    count=raw["count"] if isinstance(raw.get("count"), int) else 0,
                )
            )
    return found


def faults(
    *, form: Mapping[str, Any], operation: str, scheme: SchemeView, own_codes: Collection[str], earliest: date
) -> list[Fault]:
    """Everything that keeps a form from being sent, step by step; empty when it can be.

    `own_codes` are the organisation's living user codes, `earliest` the earliest start that leaves time for the
    settings.
    """
    found = [*_operation_faults(form, earliest), *_person_faults(form)]
    if operation == "add":
        found += _line_faults(form, scheme, own_codes)
        found += _settings_faults(form)
    else:
        found += _code_faults(form, own_codes)
    return found


def _operation_faults(form: Mapping[str, Any], earliest: date) -> list[Fault]:
    found = []
    start = _day(form.get("desired_start"))
    if start is None:
        found.append(Fault(step="operation", field="desired_start", words=_("利用開始希望日を入れてください。")))
    elif start < earliest:
        found.append(
            Fault(
                step="operation",
                field="desired_start",
                words=_("利用開始希望日が早すぎます。システム設定の申込みに4営業日がいります。"),
            )
        )
    reason = str(form.get("reason", "")).strip()
    if not reason:
        found.append(Fault(step="operation", field="reason", words=_("変更の理由を入れてください。")))
    elif len(reason) > _LONGEST["reason"]:
        found.append(Fault(step="operation", field="reason", words=_("変更の理由は500文字までです。")))
    return found


def _person_faults(form: Mapping[str, Any]) -> list[Fault]:
    found = []
    for role, names in (("person", PERSON), ("manager", MANAGER)):
        given = form.get(role) if isinstance(form.get(role), Mapping) else {}
        for name in names:
            text = str(given.get(name, "")).strip()  # type: ignore[union-attr]
            if not text and name not in ("kana", "department", "phone"):
                found.append(Fault(step="person", field=f"{role}.{name}", words=_("入れてください。")))
            elif len(text) > _LONGEST[name]:
                found.append(Fault(step="person", field=f"{role}.{name}", words=_("長すぎます。")))
            elif name == "mail" and text and ("@" not in text or not text.isascii() or " " in text):
                found.append(
                    Fault(
                        step="person",
                        field=f"{role}.mail",
                        words=_("メールアドレスの形を確かめてください。例: hanako@example.jp"),
                    )
                )
    return found


def _line_faults(form: Mapping[str, Any], scheme: SchemeView, own_codes: Collection[str]) -> list[Fault]:
    lines = lines_of(form)
    if not lines:
        return [Fault(step="codes", field="lines", words=_("追加する利用者コードの内容を、1行以上加えてください。"))]
    found = []
    for place, line in enumerate(lines):
        where = f"lines.{place}"
        unknown = [key for key in line.industries if key not in industries.INDUSTRIES]
        if not line.industries or unknown:
            found.append(Fault(step="codes", field=where, words=_("業種を一覧から選んでください。")))
            continue
        if line.user_code not in own_codes and scheme.code.place(line.user_code) is not None:
            found.append(
                Fault(step="codes", field=where, words=_("この利用者コードは、この組織のものではありません。"))
            )
        if line.method not in (allotment.NET, allotment.GENERAL):
            found.append(Fault(step="codes", field=where, words=_("処理方式を選んでください。")))
        if not 1 <= line.count <= 99:
            found.append(Fault(step="codes", field=where, words=_("識別番号の数は、1から99までです。")))
        if not line.shares_sign_on and len(line.industries) > 1:
            found.append(
                Fault(
                    step="codes",
                    field=where,
                    words=_("シングルサインオンなしのときは、1行に業種を1つだけ選び、行を分けてください。"),
                )
            )
        elif not (shared := industries.sharing(industries=line.industries)).is_possible:
            found.append(Fault(step="codes", field=where, words=shared.reason))
    return found


def _settings_faults(form: Mapping[str, Any]) -> list[Fault]:
    settings = form.get("settings") if isinstance(form.get("settings"), Mapping) else {}
    found = []
    for code, keys in _industries_by_code(form).items():
        given = settings.get(code) if isinstance(settings, Mapping) else None
        tabs = given if isinstance(given, Mapping) else {}
        for tab in ("name", *(key for key in keys if industries.INDUSTRIES[key].needs_settings)):
            if not str(tabs.get(tab, "")).strip():
                found.append(
                    Fault(step="settings", field=f"settings.{code}.{tab}", words=_("システム設定を入れてください。"))
                )
    return found


def _industries_by_code(form: Mapping[str, Any]) -> dict[str, list[str]]:
    by_code: dict[str, list[str]] = {}
    for line in lines_of(form):
        keys = by_code.setdefault(line.user_code, [])
        keys += [key for key in line.industries if key in industries.INDUSTRIES and key not in keys]
    return by_code


def _code_faults(form: Mapping[str, Any], own_codes: Collection[str]) -> list[Fault]:
    chosen = form.get("user_codes")
    codes = [str(code) for code in chosen] if isinstance(chosen, list) else []
    if not codes:
        return [Fault(step="codes", field="user_codes", words=_("変更または削除する利用者コードを選んでください。"))]
    if any(code not in own_codes for code in codes):
        return [Fault(step="codes", field="user_codes", words=_("この組織の利用者コードから選んでください。"))]
    return []


def _day(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return None
