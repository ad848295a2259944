"""What every start of use asks for, inside an organisation or fresh (000-22)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from warifu.credentials.actions.attempts import TooManyAttempts
from warifu.foundation.refusals import Refused
from warifu.licences.actions import starting
from warifu.licences.actions.starting import Shown
from warifu.licences.queries.connections import startable
from warifu.licences.rules.codes import Code, CodeMistyped, CodesMixedUp
from warifu.web.shared.forms import add_refusal

REFUSALS = (
    CodeMistyped,
    CodesMixedUp,
    TooManyAttempts,
    starting.KeyUnknown,
    starting.NotRegistered,
    starting.LicenceUsed,
    starting.LicenceExpired,
    starting.LicenceRevoked,
    starting.ProductDiffers,
)
_SIGNS = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "code"}


class StartForm(forms.Form):
    """The card, the letter, and whom the certificate names."""

    product = forms.ChoiceField(label=_("利用を開始する製品"))
    number = forms.CharField(
        label=_("製品登録番号"),
        max_length=40,
        help_text=_("カードにある、R で始まる12文字です。"),
        widget=forms.TextInput(_SIGNS),
        error_messages={"required": _("番号を入れてください。")},
    )
    key = forms.CharField(
        label=_("ライセンスキー"),
        max_length=60,
        help_text=_("「ライセンスキーのお知らせ」のメールにある、L で始まる20文字です。"),
        widget=forms.TextInput(_SIGNS),
        error_messages={"required": _("ライセンスキーを入れてください。")},
    )
    issued_to = forms.CharField(
        label=_("電子証明書の発行先"),
        max_length=64,
        help_text=_("会社の英字表記などを入れてください。例: Hinoki Trading Co., Ltd."),
        error_messages={"required": _("電子証明書の発行先を入れてください。")},
    )

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["product"].choices = [(str(each.id), each.name) for each in startable()]  # type: ignore[attr-defined]

    def shown(self, address: str) -> Shown:
        """What was typed, with the network address that it came from."""
        given = self.cleaned_data
        return Shown(number=given["number"], key=given["key"], product_id=UUID(given["product"]), address=address)

    def refuse(self, refusal: Refused) -> None:
        """Write a refusal at the field that it is about."""
        if isinstance(refusal, starting.ProductDiffers):
            add_refusal(self, refusal, "product")
            return
        label = refusal.values.get("wanted") or refusal.values.get("label")
        add_refusal(self, refusal, "key" if label == Code.KEY.label else "number")
