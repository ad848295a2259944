"""再開のための割符: bring slips of paper together when nobody can administer any more."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from warifu.credentials.actions import attempts, recovery_slips
from warifu.credentials.rules.slips import MOST_PRINTED
from warifu.foundation.refusals import Refused
from warifu.web.shared import visitor
from warifu.web.shared.doors import public
from warifu.web.shared.forms import add_refusal

PLACES = MOST_PRINTED - 1
"""Fields for slips: as many as can be needed."""


class SlipsForm(forms.Form):
    """The organisation, the slips, and who shall administer."""

    organisation = forms.CharField(
        label=_("組織コード"),
        max_length=40,
        help_text=_("割符の紙に印刷してあります。"),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "autocomplete": "organization"}),
        error_messages={"required": _("組織コードを入れてください。")},
    )
    mail = forms.EmailField(
        label=_("管理者にする人のメールアドレス"),
        help_text=_("この組織に登録されている、在籍中の一人です。この人にリンクが届きます。"),
        error_messages={
            "required": _("管理者にする人のメールアドレスを入れてください。"),
            "invalid": _("メールアドレスの形を確かめてください。例: hanako@example.jp"),
        },
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for place in range(1, PLACES + 1):
            self.fields[f"slip_{place}"] = forms.CharField(
                label=format_lazy(_("{place}枚目の割符"), place=place),
                max_length=80,
                required=place <= 2,
                widget=forms.TextInput(
                    {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "code"}
                ),
                error_messages={"required": _("割符の8つのまとまりを入れてください。")},
            )
        self.order_fields(["organisation", *(f"slip_{place}" for place in range(1, PLACES + 1)), "mail"])

    @property
    def first_slips(self) -> list[forms.BoundField]:
        """The fields that everybody needs."""
        return [self[f"slip_{place}"] for place in range(1, 4)]

    @property
    def further_slips(self) -> list[forms.BoundField]:
        """The fields for larger sets."""
        return [self[f"slip_{place}"] for place in range(4, PLACES + 1)]

    def typed(self) -> list[tuple[int, str]]:
        """The slips that were typed, with the number of their field."""
        places = range(1, PLACES + 1)
        return [(place, text) for place in places if (text := self.cleaned_data[f"slip_{place}"])]


@public
@sensitive_post_parameters(*(f"slip_{place}" for place in range(1, PLACES + 1)))
def use(request: HttpRequest) -> HttpResponse:
    """Take slips and a name; a mistyped slip is named, all else that does not fit gets one answer (L-10)."""
    form = SlipsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        typed = form.typed()
        try:
            until = recovery_slips.show(
                organisation_code=form.cleaned_data["organisation"],
                typed=[text for _place, text in typed],
                mail=form.cleaned_data["mail"],
                address=visitor.address_of(request),
                at=request.at,  # type: ignore[attr-defined]
            )
        except recovery_slips.SlipMistyped as refusal:
            add_refusal(form, refusal, f"slip_{typed[refusal.values['place'] - 1][0]}")
        except recovery_slips.NobodyToLetIn as refusal:
            add_refusal(form, refusal, "mail")
        except (recovery_slips.SlipsDoNotFit, attempts.TooManyAttempts) as refusal:
            _add_to_all(form, refusal)
        else:
            return render(request, "entrance/slips/shown.html", {"until": until})
    return render(request, "entrance/slips/use.html", {"form": form}, status=422 if form.errors else 200)


def _add_to_all(form: SlipsForm, refusal: Refused) -> None:
    add_refusal(form, refusal, "organisation")


routes = [path("slips/", use, name="slips.use")]
