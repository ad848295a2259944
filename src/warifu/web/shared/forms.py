"""How forms are drawn: label, requirement in words, hint and error tied to the control (A-02)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from warifu.foundation.days import ERAS, NotADay, parse_day
from warifu.foundation.refusals import Refused


class Renderer(TemplatesSetting):
    """Draws whole forms with `shared/form.html` and single fields with `shared/field.html`."""

    form_template_name = "shared/form.html"
    field_template_name = "shared/field.html"


def control(bound: BoundField) -> SafeString:
    """The control of a field with the class of its kind; Django ties it to hint and error by itself.

    必須 stands in the label; the browser's own bubbles, in the browser's language, are kept away.
    """
    bound.form.use_required_attribute = False
    widget = bound.field.widget
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        widget.template_name = "shared/widgets/choices.html"
    if isinstance(widget, (forms.CheckboxInput, forms.RadioSelect, forms.CheckboxSelectMultiple, DayWidget)):
        return bound.as_widget()
    given = widget.attrs.get("class", "")
    classes = given if "input" in given.split() else f"input {given}".strip()
    return bound.as_widget(attrs={"class": classes})


class DayWidget(forms.MultiWidget):
    """A day as three text fields, year, month, day; no calendar to fight with (J-11)."""

    template_name = "shared/widgets/day.html"
    use_fieldset = True

    def __init__(self, attrs: dict[str, Any] | None = None, *, is_birthday: bool = False) -> None:
        auto = ("bday-year", "bday-month", "bday-day") if is_birthday else ("off", "off", "off")
        short = {"class": "input input-part", "inputmode": "numeric"}
        super().__init__(
            {
                "year": forms.TextInput({"class": "input input-year", "autocomplete": auto[0]}),
                "month": forms.TextInput(short | {"autocomplete": auto[1], "maxlength": "2"}),
                "day": forms.TextInput(short | {"autocomplete": auto[2], "maxlength": "2"}),
            },
            attrs,
        )

    def decompress(self, value: date | None) -> list[str]:
        """The three texts of a day."""
        return [str(value.year), str(value.month), str(value.day)] if value else ["", "", ""]


class DayField(forms.MultiValueField):
    """A day from three text fields; the year may be western (1988) or of an era (昭和63, S63)."""

    widget = DayWidget
    default_error_messages = {  # noqa: RUF012
        "required": _("年・月・日を入れてください。"),
        "incomplete": _("年・月・日の3つとも入れてください。"),
        "no_day": _("この日付はありません。年は西暦4桁か「昭和63」のように、月と日は数字で入れてください。"),
        "too_early": _("日付が古すぎます。年を見直してください。"),
    }

    def __init__(self, **kwargs: Any) -> None:
        parts = [forms.CharField(max_length=8), forms.CharField(max_length=2), forms.CharField(max_length=2)]
        super().__init__(parts, **kwargs)

    def compress(self, data_list: list[str]) -> date | None:
        """The day that the three texts name; raises ValidationError for days that do not exist (J-11)."""
        if not data_list:
            return None
        year, month, day = data_list
        try:
            found = parse_day(f"{year}年{month}月{day}日".replace("年年", "年"))
        except NotADay as error:
            raise forms.ValidationError(self.error_messages["no_day"], code="no_day") from error
        if found < ERAS[-1].starts_on:
            raise forms.ValidationError(self.error_messages["too_early"], code="too_early")
        return found


def add_refusal(form: forms.Form, refusal: Refused, field: str | None = None) -> None:
    """Write at a field, or above the whole form, why it was not taken, and what to do."""
    form.add_error(field, list(refusal.said(gettext)))
