"""The form of a request, and how its values read; the desk and mypage show both (003-15)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from warifu.customers.actions import inquiries
from warifu.customers.queries.inquiries import InquiryView
from warifu.customers.rules.records import CUSTOMER_FIELDS

KINDS = [("address", _("住所・電話番号が変わる")), ("name", _("名称が変わる")), ("question", _("お問い合わせ"))]
_LABELS = {field.name: field.label for field in CUSTOMER_FIELDS}
_ASKED = tuple(name for names in inquiries.FIELDS.values() for name in names)


class InquiryForm(forms.Form):
    """What changes, or what is asked."""

    kind = forms.ChoiceField(label=_("何のお知らせですか"), choices=KINDS, widget=forms.RadioSelect)

    def __init__(self, data: QueryDict | None) -> None:
        super().__init__(data)
        for name in _ASKED:
            self.fields[name] = forms.CharField(
                label=gettext("新しい%(field)s") % {"field": gettext(_LABELS[name])}, required=False, max_length=400
            )
        self.fields["words"] = forms.CharField(
            label=gettext("いつから変わるか、お尋ねの内容など"),
            required=False,
            max_length=inquiries.LONGEST,
            widget=forms.Textarea({"rows": 4}),
            help_text=gettext("個人番号は書かないでください。"),
        )

    def sent(self) -> dict[str, Any]:
        """What the action takes: kind, values and words."""
        values = {name: self.cleaned_data[name] for name in _ASKED}
        return {"kind": self.cleaned_data["kind"], "values": values, "words": self.cleaned_data["words"]}


def in_lines(view: InquiryView) -> list[tuple[str, str]]:
    """The values of a request with the names of their fields."""
    return [(gettext(_LABELS[name]), text) for name, text in view.values.items() if name in _LABELS]
