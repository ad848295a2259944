"""The forms of a submission, the same on the person's phone and at the desk.

A number never goes back into a page: its field draws no value, and what is read from it is a `MyNumber` at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from warifu.collection.rules import papers
from warifu.collection.rules import submission as rules
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.vault.rules import MyNumber
from warifu.web.shared.forms import DayField, DayWidget

PERSON_FIELDS = (
    "family_name",
    "given_name",
    "family_kana",
    "given_kana",
    "postal_code",
    "prefecture",
    "city",
    "street",
    "building",
)

RELATIONS = (("spouse", _("配偶者")), ("child", _("子")), ("parent", _("父母")), ("other", _("その他の親族")))


class NumberInput(forms.TextInput):
    """A text field for a number: groups of four by script, no memory, and no value drawn back (N-04, P-06)."""

    def __init__(self) -> None:
        super().__init__(
            {
                "class": "input input-number",
                "inputmode": "numeric",
                "autocomplete": "off",
                "spellcheck": "false",
                "data-number": "practice" if not settings.WARIFU.is_production else "real",
            }
        )

    def format_value(self, value: Any) -> None:
        """Nothing: a number that was typed is typed again."""
        return


class NumberField(forms.CharField):
    """Twelve digits, read into a `MyNumber`; the reasons name no digit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=40, widget=NumberInput(), **kwargs)

    def clean(self, value: Any) -> Any:
        """The number, or None for a blank field that may stay blank."""
        text = super().clean(value)
        if not text:
            return None
        try:
            return MyNumber.parse(text, accepts_test=not settings.WARIFU.is_production)
        except Refused as refusal:
            raise forms.ValidationError(words_of(refusal)) from None


class PersonForm(forms.Form):
    """Name, reading, birth date and address, as on the 住民票; the kanji stay as typed (J-01 … J-11)."""

    family_name = forms.CharField(
        label=_("姓"),
        max_length=100,
        help_text=_("お名前が一つの方は、姓にだけ入れてください。"),
        widget=forms.TextInput({"autocomplete": "family-name"}),
    )
    given_name = forms.CharField(
        label=_("名"), max_length=100, required=False, widget=forms.TextInput({"autocomplete": "given-name"})
    )
    family_kana = forms.CharField(
        label=_("セイ"),
        max_length=100,
        help_text=_("ひらがなで入れても、カタカナに直します。"),
    )
    given_kana = forms.CharField(label=_("メイ"), max_length=100, required=False)
    born_on = DayField(
        label=_("生年月日"),
        widget=DayWidget(is_birthday=True),
        help_text=_("年は「1988」か「昭和63」のように。"),
    )
    postal_code = forms.CharField(
        label=_("郵便番号"),
        max_length=12,
        help_text=_("7桁。入れると、下の住所の空いている欄を埋めます。国外のときは空けてください。"),
        widget=forms.TextInput(
            {"class": "input input-short", "inputmode": "numeric", "autocomplete": "postal-code", "data-postal": ""}
        ),
    )
    prefecture = forms.ChoiceField(
        label=_("都道府県"),
        choices=[("", _("選んでください")), *((name, name) for name in rules.PREFECTURES), (rules.ABROAD, _("国外"))],
        widget=forms.Select({"class": "input input-short", "autocomplete": "address-level1"}),
    )
    city = forms.CharField(
        label=_("市区町村"),
        max_length=60,
        help_text=_("国外のときは、国や地域の名前を入れてください。"),
        widget=forms.TextInput({"autocomplete": "address-level2"}),
    )
    street = forms.CharField(
        label=_("町名・番地"),
        max_length=200,
        help_text=_("住民票に書かれているとおりに。"),
        widget=forms.TextInput({"autocomplete": "address-line1"}),
    )
    building = forms.CharField(
        label=_("建物名・部屋番号"),
        max_length=200,
        required=False,
        widget=forms.TextInput({"autocomplete": "address-line2"}),
    )

    def __init__(self, *args: Any, at: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = jst_day(at)
        if self.data.get("prefecture") == rules.ABROAD:
            self.fields["postal_code"].required = False

    def clean(self) -> dict[str, Any]:
        """Check with the rules of the room, so that the words stand at their fields."""
        cleaned = super().clean() or {}
        fields = rules.clean(self.fields_given())
        for field, reason in rules.check_person(fields, born_on=cleaned.get("born_on"), on=self.on).items():
            self.add_error(field, gettext(reason))
        return cleaned

    def fields_given(self) -> dict[str, str]:
        """The texts of the valid fields, for the action."""
        return {field: self.cleaned_data[field] for field in PERSON_FIELDS if field in self.cleaned_data}

    def half(self) -> tuple[dict[str, str], date | None]:
        """What can be kept of a form that is not finished: the fields without an error, and the birth date."""
        fine = {field: text for field, text in self.fields_given().items() if field not in self.errors}
        return fine, None if "born_on" in self.errors else self.cleaned_data.get("born_on")


class NumberForm(forms.Form):
    """The person's own number, and nothing else."""

    number = NumberField(
        label=_("個人番号（12桁）"),
        help_text=_("カードの裏か、番号の入った住民票を見て入れてください。空白やハイフンが入っても大丈夫です。"),
    )


class RelativeForm(forms.Form):
    """A family member: who it is, the number, and the employee's word that it was checked (I-14, I-15)."""

    relation = forms.ChoiceField(label=_("続柄"), choices=RELATIONS, widget=forms.RadioSelect)
    family_name = forms.CharField(label=_("姓"), max_length=100)
    given_name = forms.CharField(label=_("名"), max_length=100, required=False)
    family_kana = forms.CharField(label=_("セイ"), max_length=100, required=False)
    given_kana = forms.CharField(label=_("メイ"), max_length=100, required=False)
    born_on = DayField(label=_("生年月日"), help_text=_("年は「2015」か「平成27」のように。"))
    number = NumberField(
        label=_("個人番号（12桁）"),
        required=False,
        help_text=_("ご家族の番号の書類を見て入れてください。あとで入れることもできます。"),
    )
    is_checked = forms.BooleanField(
        label=_("書類を見て、この番号が本人のものだと私が確かめました"),
        required=False,
        help_text=_("扶養のご家族は、写真は要りません。"),
    )
    is_third_category = forms.BooleanField(
        label=_("国民年金の第3号の届出をする配偶者です"),
        required=False,
        help_text=_("扶養されている20歳から59歳の配偶者のとき。この届出では、会社が番号を確かめます。"),
    )
    spouse_path = forms.ChoiceField(
        label=_("第3号の確かめ方"),
        required=False,
        error_messages={"required": _("どちらの方法で確かめるかを選んでください。")},
        choices=tuple(rules.SPOUSE_PATHS.items()),
        widget=forms.RadioSelect,
        help_text=_("第3号の届出をするときだけ選んでください。写真は次の画面でお願いします。"),
    )

    def __init__(self, *args: Any, at: datetime, asks_third_category: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.on = jst_day(at)
        if not asks_third_category:
            del self.fields["is_third_category"], self.fields["spouse_path"]
        elif not self.is_bound or self.data.get("is_third_category"):
            self.fields["spouse_path"].required = True

    def clean(self) -> dict[str, Any]:
        """Check with the rules of the room, so that the words stand at their fields."""
        cleaned = super().clean() or {}
        given = rules.clean(self.fields_given())
        for field, reason in rules.check_dependent(given, born_on=cleaned.get("born_on"), on=self.on).items():
            if field not in self.errors:
                self.add_error(field, gettext(reason))
        if cleaned.get("is_third_category") and cleaned.get("relation") not in ("spouse", None):
            self.add_error("is_third_category", gettext("第3号の届出は、続柄が配偶者のときだけです。"))
        return cleaned

    def fields_given(self) -> dict[str, str]:
        """The texts of the valid fields, for the action."""
        names = ("relation", "family_name", "given_name", "family_kana", "given_kana", "spouse_path")
        return {name: self.cleaned_data.get(name) or "" for name in names}

    def values(self) -> dict[str, Any]:
        """The keyword arguments of `dependents.add` and `dependents.change` that the form answers."""
        return {
            "fields": self.fields_given(),
            "born_on": self.cleaned_data["born_on"],
            "is_third_category": bool(self.cleaned_data.get("is_third_category")),
            "is_checked": self.cleaned_data["is_checked"],
            "number": self.cleaned_data["number"],
        }


class PapersForm(forms.Form):
    """Which papers the person uses; the offer is that of the day (I-01 … I-07, I-11)."""

    method = forms.ChoiceField(label=_("何を使いますか"), widget=forms.RadioSelect)
    card = forms.ChoiceField(label=_("カードの種類"), required=False, widget=forms.RadioSelect)
    one_file = forms.BooleanField(
        label=_("表と裏が1枚に写った画像を使います"),
        required=False,
        help_text=_("表と裏を続けて撮るほうが、はっきり写ります。"),
    )
    number_paper = forms.ChoiceField(label=_("番号を確かめる書類"), required=False, widget=forms.RadioSelect)
    photo_papers = forms.MultipleChoiceField(
        label=_("身元を確かめる書類（写真付き）"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("どれか1つで足ります。"),
    )
    plain_papers = forms.MultipleChoiceField(
        label=_("写真のない書類"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("写真付きの書類がないとき、違う種類を2つ。"),
    )

    def __init__(self, *args: Any, offer: papers.Offer, has_verified_account: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        methods = [
            (papers.Method.NUMBER_CARD.value, gettext("個人番号カード（マイナンバーカード）")),
            (papers.Method.PAPERS.value, gettext("カードがないので、ほかの書類")),
        ]
        if has_verified_account:
            methods.insert(0, (papers.Method.VERIFIED_ACCOUNT.value, gettext("番号の書類だけ（前に確認ずみのため）")))
        self._offer(
            method=methods,
            card=_choices(offer.cards),
            number_paper=_choices((*(offer.cards if has_verified_account else ()), *offer.number_papers)),
            photo_papers=_choices(offer.photo_papers),
            plain_papers=_choices(offer.plain_papers),
        )
        self.fields["card"].initial = offer.cards[0].code if offer.cards else ""
        method = self.data.get("method")
        self.fields["card"].required = not self.is_bound or method == papers.Method.NUMBER_CARD
        others = (papers.Method.PAPERS, papers.Method.VERIFIED_ACCOUNT)
        self.fields["number_paper"].required = not self.is_bound or method in others

    def _offer(self, **choices: list[tuple[str, str]]) -> None:
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101
            field.choices = offered

    def values(self) -> dict[str, Any]:
        """The keyword arguments of `drafts.choose_papers` that the form answers."""
        is_card = self.cleaned_data["method"] == papers.Method.NUMBER_CARD
        return {
            "method": self.cleaned_data["method"],
            "number_paper": self.cleaned_data["card" if is_card else "number_paper"],
            "identity_papers": [*self.cleaned_data["photo_papers"], *self.cleaned_data["plain_papers"]],
            "one_file": self.cleaned_data["one_file"],
        }


def papers_initial(
    *, method: str, number_paper: str, identity_papers: tuple[str, ...], one_file: bool
) -> dict[str, Any]:
    """The initial values of a `PapersForm` from what a draft holds; nothing is chosen in a new one."""
    is_card = method == papers.Method.NUMBER_CARD
    chosen = list(identity_papers)
    initial: dict[str, Any] = {"method": method, "photo_papers": chosen, "plain_papers": chosen, "one_file": one_file}
    return initial | ({"card": number_paper} if is_card else {"number_paper": number_paper})


def _choices(offered: tuple[papers.Paper, ...]) -> list[tuple[str, str]]:
    return [(paper.code, gettext(paper.label)) for paper in offered]


def words_of(refusal: Refused) -> str:
    """A refusal as the words of a form: the sentence and what to do."""
    values: Mapping[str, Any] = refusal.values
    return f"{gettext(refusal.sentence).format(**values)} {gettext(refusal.remedy).format(**values)}"
