"""What the wizard of applications asks, field by field, and how its fields and faults are called (002-10 … 002-17)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from warifu.applications.rules import allotment, industries, procedures, texts
from warifu.applications.rules import form as rules
from warifu.foundation.procedures import Procedure
from warifu.foundation.refusals import Refused, translatable
from warifu.web.shared.forms import DayField

OPERATIONS = {
    ("user_codes", "add"): _("利用者コードを追加する"),
    ("user_codes", "change"): _("利用者コードの内容を変える"),
    ("user_codes", "delete"): _("利用者コードを削除する"),
    ("identifications", "add"): _("識別番号を追加する"),
    ("identifications", "delete"): _("識別番号を削除する"),
}
METHODS = {allotment.NET: _("netNACCS"), allotment.GENERAL: _("一般")}
FIELDS = {
    "": _("全体"),
    "desired_start": _("利用開始希望日"),
    "reason": _("変更の理由"),
    "person": _("申込担当者"),
    "manager": _("責任者"),
    "lines": _("利用者コード"),
    "settings": _("システム設定"),
    "user_codes": _("利用者コード"),
    "user_ids": _("利用者ID"),
}
_PARTS = {
    "name": _("氏名"),
    "kana": _("フリガナ"),
    "department": _("部署"),
    "phone": _("電話番号"),
    "mail": _("メールアドレス"),
}


class DayUnreadable(Refused):
    """A wished day is no day."""

    code = "WF-P324"
    sentence = translatable("この日付はありません。")
    remedy = translatable("年は西暦4桁か「令和8」のように、月と日は数字で、3つとも入れてください。")
    status = 422


def said(refusal: Refused) -> str:
    """A refusal in a line, with the code that people can quote."""
    words = [gettext(text).format(**refusal.values) for text in (refusal.sentence, refusal.remedy)]
    return f"{''.join(words)}（{refusal.code}）"


said_later = lazy(said, str)


def operation_name(subject: str, operation: str) -> str:
    """What is asked for, in words."""
    return str(OPERATIONS.get((subject, operation), ""))


def field_name(key: str) -> str:
    """What people call a field of an application: 申込担当者の氏名, 2行目, 追加1のシステム設定「通関業」."""
    whole, _dot, part = key.partition(".")
    if whole in ("person", "manager") and part:
        return gettext("{whole}の{part}").format(whole=FIELDS[whole], part=_PARTS.get(part, part))
    if whole == "lines" and part.isdecimal():
        return gettext("{number}行目").format(number=int(part) + 1)
    if whole == "settings" and part:
        code, _dot, tab = part.partition(".")
        return gettext("{code}のシステム設定{tab}").format(code=code, tab=f"「{tab_name(tab)}」" if tab else "")
    return str(FIELDS.get(key, key))


def tab_name(tab: str) -> str:
    """The name of a tab of the system settings."""
    return gettext(industries.INDUSTRIES[tab].name) if tab in industries.INDUSTRIES else gettext("名称")


def described(form: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The lines of an application in words."""
    return [
        {
            "user_code": line.user_code,
            "industries": [
                gettext(industries.INDUSTRIES[key].name) for key in line.industries if key in industries.INDUSTRIES
            ],
            "shares": line.shares_sign_on,
            "method": METHODS.get(line.method, line.method),
            "count": line.count,
        }
        for line in rules.lines_of(form)
    ]


class TypedField(forms.CharField):
    """A text that the rules tidy or refuse; an empty one is a gap that the last step asks for, needed or not."""

    def __init__(self, kind: str, *, is_needed: bool = False, **more: Any) -> None:
        self.kind = kind
        limit = texts.KINDS[kind].limit
        if texts.KINDS[kind].is_long:
            more.setdefault("widget", forms.Textarea({"rows": 3}))
        super().__init__(required=is_needed, strip=False, **more)
        self.widget.attrs.setdefault("maxlength", str(2 * limit))

    def clean(self, value: Any) -> str:
        """The text as it is kept; raises ValidationError with the sentence of the rule."""
        text = str(value or "")
        refusal = texts.trouble(kind=self.kind, text=text)
        if refusal is not None:
            raise forms.ValidationError(said(refusal), code=refusal.code)
        return texts.tidied(kind=self.kind, text=text)


class WishedDayField(DayField):
    """The wished start; three empty parts are a gap that the last step asks for."""

    def clean(self, value: Any) -> date | None:
        """The day; raises ValidationError for what is no day."""
        if not any(value or ()):
            return None
        try:
            found: date | None = super().clean(value)
        except forms.ValidationError as error:
            raise forms.ValidationError(said(DayUnreadable()), code=DayUnreadable.code) from error
        return found


class StartForm(forms.Form):
    """What is asked for, under which scheme."""

    scheme = forms.ChoiceField(label=_("申込先"))
    operation = forms.ChoiceField(label=_("申込みの種類"), widget=forms.RadioSelect)

    def __init__(self, *given: Any, procedure: Procedure, schemes: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        subject = "identifications" if procedure is procedures.IDENTIFICATIONS else "user_codes"
        wanted = procedures.OPERATIONS[procedure.key]
        self.fields["scheme"].choices = schemes  # type: ignore[attr-defined]
        self.fields["operation"].choices = [(one, OPERATIONS[(subject, one)]) for one in wanted]  # type: ignore[attr-defined]
        self.initial.setdefault("operation", wanted[0])
        if len(schemes) == 1:
            self.fields["scheme"].widget = forms.HiddenInput()
            self.initial.setdefault("scheme", schemes[0][0])


class VersionedForm(forms.Form):
    """A step of the wizard: which version of the draft its page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class OperationForm(VersionedForm):
    """When and why (④)."""

    desired_start = WishedDayField(
        label=_("利用開始希望日"), help_text=_("営業日を選びます。削除のときは、削除する日です。")
    )
    reason = TypedField(
        "reason", is_needed=True, label=_("変更の理由"), help_text=_("500文字まで。審査担当者が読みます。")
    )


class PersonForm(VersionedForm):
    """Who applies and who answers for it (⑤)."""

    person_name = TypedField("name", is_needed=True, label=_("申込担当者の氏名"))
    person_kana = TypedField("kana", label=_("フリガナ"))
    person_department = TypedField("department", label=_("部署"))
    person_phone = TypedField(
        "phone", label=_("電話番号"), widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"})
    )
    person_mail = TypedField(
        "mail",
        is_needed=True,
        label=_("申込担当者のメールアドレス"),
        widget=forms.TextInput({"inputmode": "email", "autocomplete": "off"}),
        help_text=_("受付と結果のお知らせが届きます。"),
    )
    manager_name = TypedField("name", is_needed=True, label=_("責任者の氏名"))
    manager_mail = TypedField(
        "mail",
        is_needed=True,
        label=_("責任者のメールアドレス"),
        widget=forms.TextInput({"inputmode": "email", "autocomplete": "off"}),
        help_text=_("申込担当者と同じお知らせが届きます。"),
    )


class LineForm(forms.Form):
    """One line: which code, which industries, how many numbers (⑥ ⑦)."""

    user_code = forms.ChoiceField(
        label=_("利用者コード"), error_messages={"invalid_choice": said_later(rules.CodeUnknown())}
    )
    industries = forms.MultipleChoiceField(
        label=_("業種"),
        required=False,
        choices=[(key, industry.name) for key, industry in industries.INDUSTRIES.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": said_later(rules.IndustryUnknown())},
    )
    shares_sign_on = forms.TypedChoiceField(
        label=_("シングルサインオン"),
        coerce=lambda value: value == "yes",
        choices=[("no", _("なし（業種ごとに識別番号を分ける）")), ("yes", _("あり（一つの識別番号でまとめる）"))],
        initial="no",
    )
    method = forms.ChoiceField(
        label=_("処理方式"),
        choices=list(METHODS.items()),
        initial=allotment.NET,
        error_messages={"invalid_choice": said_later(rules.MethodUnknown())},
    )
    count = forms.IntegerField(
        label=_("識別番号の数"),
        min_value=1,
        max_value=99,
        initial=1,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), said_later(rules.CountUnusable())
        ),
    )

    def __init__(self, *given: Any, codes: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["user_code"].choices = codes  # type: ignore[attr-defined]


def chosen_field(*, subject: str, choices: list[tuple[str, str]], chosen: list[str]) -> forms.MultipleChoiceField:
    """The user codes or user IDs that are to be changed or deleted."""
    return forms.MultipleChoiceField(
        label=_("利用者ID") if subject == rules.IDENTIFICATIONS else _("利用者コード"),
        required=False,
        choices=choices,
        initial=chosen,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("変更または削除するものを選びます。"),
        error_messages={"invalid_choice": said_later(rules.CodeUnknown())},
    )
