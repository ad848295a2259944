"""Forms of 電子帳簿保存フォルダ that several screens share."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.dates import MONTHS
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from warifu.folders.rules.fields import GIB, MIB, Direction, Fields, Kind
from warifu.folders.rules.keeping import Keeping
from warifu.folders.rules.search import Wanted
from warifu.foundation.days import NotADay, parse_day
from warifu.foundation.japanese import to_half_width
from warifu.foundation.refusals import Refused, translatable

_MINUS = str.maketrans({"−": "-", "▲": "-", "△": "-", "‐": "-"})


class AmountField(forms.CharField):
    """An amount as people write it, with signs of grouping, ￥, 円, ▲, in full width; empty means none (D-12)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            max_length=24,
            widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
            **kwargs,
        )

    def clean(self, value: Any) -> Decimal | None:
        """The amount; raises ValidationError for anything that is no number."""
        plain = to_half_width(str(super().clean(value) or ""))
        plain = "".join(char for char in plain if char not in ",¥\\円 ").translate(_MINUS)
        if not plain:
            return None
        if not re.fullmatch(r"[+-]?\d{1,20}(\.\d{1,6})?", plain, re.ASCII):
            raise forms.ValidationError(_("金額は数字で入れてください。例: 110000"))
        found = Decimal(plain)
        if found != round(found, 2) or abs(found) >= 10**13:
            raise forms.ValidationError(_("金額は13桁まで、小数は2桁までです。"))
        return found


class PickedDay(forms.DateField):
    """A day from the browser's own picker; where there is none, as people write it: 令和8年11月21日, R8.11.21."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **kwargs)

    def to_python(self, value: Any) -> date | None:
        """The day; raises ValidationError for days that do not exist."""
        try:
            return parse_day(value) if isinstance(value, str) and value.strip() else super().to_python(value)
        except NotADay:
            raise forms.ValidationError(_("この日付はありません。例: 2026-11-21")) from None


def _day(label: Any, **kwargs: Any) -> PickedDay:
    return PickedDay(label=label, **kwargs)


KINDS = [(kind.value, _(kind.label)) for kind in Kind]
DIRECTIONS = [(one.value, _(one.label)) for one in Direction]


class FieldsForm(forms.Form):
    """The fields of a record; what the house could read stands in it already."""

    traded_on = _day(_("取引年月日"), help_text=_("書類に書かれた日付です。いくつもあるときは、発行日を選びます。"))
    counterparty = forms.CharField(label=_("取引先"), max_length=200)
    amount = AmountField(
        label=_("取引金額"), help_text=_("税込・税抜は帳簿に合わせます。金額のない書類は空のままにします。")
    )
    kind = forms.ChoiceField(label=_("書類の種類"), choices=[("", _("選んでください")), *KINDS])
    direction = forms.ChoiceField(label=_("受取・発行"), choices=[("", _("選んでください")), *DIRECTIONS])
    registration_number = forms.CharField(
        label=_("登録番号"), max_length=20, required=False, help_text=_("インボイスの「T」と13桁の数字です。")
    )
    currency = forms.CharField(label=_("通貨"), max_length=3, required=False, initial="JPY")
    counterparty_code = forms.CharField(label=_("取引先コード"), max_length=40, required=False)
    document_number = forms.CharField(label=_("書類の番号"), max_length=100, required=False)
    ledger_link = forms.CharField(label=_("帳簿の番号"), max_length=100, required=False)
    memo = forms.CharField(label=_("メモ"), max_length=500, required=False, widget=forms.Textarea({"rows": 2}))

    def given(self) -> Fields:
        """What was typed, for the action."""
        typed = dict(self.cleaned_data)
        return Fields(
            traded_on=typed["traded_on"],
            counterparty=typed["counterparty"],
            amount=typed["amount"],
            kind=Kind(typed["kind"]),
            direction=Direction(typed["direction"]),
            registration_number=typed["registration_number"],
            currency=typed["currency"] or "JPY",
            counterparty_code=typed["counterparty_code"],
            document_number=typed["document_number"],
            ledger_link=typed["ledger_link"],
            memo=typed["memo"],
        )


class CorrectionForm(FieldsForm):
    """The same with the reason, and the version that the person saw."""

    reason = forms.CharField(label=_("訂正の理由"), max_length=500, help_text=_("何がどう違っていたかを書きます。"))
    version = forms.IntegerField(widget=forms.HiddenInput)


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("理由"), max_length=500)


class SearchUnclear(Refused):
    """A condition of a search cannot be read."""

    code = "WF-F208"
    sentence = translatable("検索の条件に、読み取れないところがあります。")
    remedy = translatable("フォルダの検索画面で、印の付いた欄を直してから、もう一度お試しください。")
    status = 422


class SearchForm(forms.Form):
    """The conditions of a search; each may be left out, all that are given must hold (D-10, D-11)."""

    since = _day(_("取引日から"), required=False)
    until = _day(_("取引日まで"), required=False)
    least = AmountField(label=_("金額から"))
    most = AmountField(label=_("金額まで"))
    party = forms.CharField(label=_("取引先（一部・コード）"), max_length=200, required=False)
    kind = forms.ChoiceField(label=_("書類の種類"), choices=[("", _("すべて")), *KINDS], required=False)
    direction = forms.ChoiceField(label=_("受取・発行"), choices=[("", _("すべて")), *DIRECTIONS], required=False)
    blank = forms.BooleanField(label=_("金額の記載なし"), required=False)
    living = forms.BooleanField(label=_("取消を除く"), required=False)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data, auto_id="search_%s")

    def clean(self) -> None:
        """A range that ends before it begins is said at its end."""
        for first, last in (("since", "until"), ("least", "most")):
            begin, end = self.cleaned_data.get(first), self.cleaned_data.get(last)
            if begin is not None and end is not None and end < begin:
                self.add_error(last, forms.ValidationError(_("範囲の終わりが、始まりより前か小さくなっています。")))

    def wanted(self) -> Wanted:
        """The search. Raises `SearchUnclear` when a condition cannot be read: to leave it out would show no hits as
        hits (D-10)."""
        if not self.is_valid():
            raise SearchUnclear
        typed = self.cleaned_data
        return Wanted(
            traded_from=typed.get("since"),
            traded_until=typed.get("until"),
            amount_from=typed.get("least"),
            amount_until=typed.get("most"),
            no_amount=typed.get("blank", False),
            counterparty=typed.get("party", ""),
            kinds=frozenset({Kind(typed["kind"])}) if typed.get("kind") else frozenset(),
            direction=Direction(typed["direction"]) if typed.get("direction") else None,
            without_withdrawn=typed.get("living", False),
        )


class FolderForm(forms.Form):
    """A folder: whose, how large, how long its data are kept."""

    customer_name = forms.CharField(label=_("顧客の名前"), max_length=200)
    customer_code = forms.CharField(label=_("顧客コード"), max_length=40, required=False)
    registration_number = forms.CharField(
        label=_("顧客の登録番号"),
        max_length=20,
        required=False,
        help_text=_("入れておくと、電子インボイスが受け取ったものか発行したものかを読み分けられます。"),
    )
    capacity_mb = forms.IntegerField(
        label=_("容量の上限（MB）"), min_value=1, max_value=10_000_000, initial=10 * GIB // MIB
    )
    file_mb = forms.IntegerField(label=_("1件の上限（MB）"), min_value=1, max_value=2048, initial=100)
    form = forms.ChoiceField(
        label=_("法人・個人"), choices=[("company", _("法人")), ("person", _("個人事業者"))], initial="company"
    )
    year_end_month = forms.TypedChoiceField(label=_("決算月"), coerce=int, choices=list(MONTHS.items()), initial=3)
    keeping_years = forms.TypedChoiceField(
        label=_("保存する年数"),
        coerce=int,
        choices=[(10, _("10年（初期値）")), (7, _("7年")), (5, _("5年"))],
        initial=10,
        help_text=_("法人は7年、欠損金の繰越しがある事業年度は10年です。迷うときは10年にします。"),
    )
    extension_months = forms.TypedChoiceField(
        label=_("申告期限の延長"),
        coerce=int,
        choices=[(0, _("なし")), *((count, format_lazy(_("{count}か月"), count=count)) for count in range(1, 5))],
        initial=0,
    )
    has_rules = forms.BooleanField(label=_("事務処理規程を備え付けている"), required=False)

    def __init__(self, data: QueryDict | None, *, initial: dict[str, Any], is_own: bool) -> None:
        super().__init__(data, initial=initial)
        if is_own:
            self.fields["customer_name"].label = _("会社の名前")
            self.fields["customer_code"].label = _("フォルダの符号")
            self.fields["registration_number"].label = _("会社の登録番号")

    def keeping(self) -> Keeping:
        """How the years run."""
        typed = self.cleaned_data
        return Keeping(
            year_end_month=typed["year_end_month"],
            years=typed["keeping_years"],
            extension_months=typed["extension_months"],
            is_sole_trader=typed["form"] == "person",
        )


def day_or_none(text: str) -> date | None:
    """The day that an ISO text names, or None."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
