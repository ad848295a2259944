"""再開のための割符: print them once, see whether somebody has shown them, stop what they began."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from warifu.credentials.actions import recovery_slips
from warifu.credentials.queries import recovery_slips as queries
from warifu.foundation.days import jst_day
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal

SETS = {"2-3": (2, 3), "3-5": (3, 5), "4-7": (4, 7)}


class SetForm(forms.Form):
    """How many are printed, and how many are needed."""

    size = forms.ChoiceField(
        label=_("枚数"),
        choices=[
            ("2-3", _("3枚を作り、2枚そろえば再開できる")),
            ("3-5", _("5枚を作り、3枚そろえば再開できる")),
            ("4-7", _("7枚を作り、4枚そろえば再開できる")),
        ],
        initial="2-3",
        widget=forms.RadioSelect,
        help_text=_("一枚ずつ、別の人が、別の場所に保管できる枚数にします。"),
        error_messages={"required": _("枚数を選んでください。")},
    )


@door(Permission.SECURITY_MANAGE)
def page(request: Visit) -> HttpResponse:
    """Whether there are slips, whether somebody has shown them, and how to make them."""
    living = queries.living(organisation_id=request.organisation_id)
    return render(request, "desk/recovery_slips/page.html", {"living": living, "form": SetForm()})


@door(Permission.SECURITY_MANAGE, recent=True)
@require_POST
def make(request: Visit) -> HttpResponse:
    """Cut new slips; they are on the answering page and nowhere else, ever."""
    form = SetForm(request.POST)
    if form.is_valid():
        needed, printed = SETS[form.cleaned_data["size"]]
        try:
            papers = recovery_slips.make(
                organisation_id=request.organisation_id,
                needed=needed,
                printed=printed,
                by=request.actor,
                at=request.at,
            )
        except recovery_slips.CountsWrong as refusal:
            add_refusal(form, refusal, "size")
        else:
            organisation = organisations.organisation(organisation_id=request.organisation_id)
            address = f"{settings.WARIFU.site_url}{reverse('entrance:slips.use')}"
            context = {
                "papers": papers,
                "organisation": organisation,
                "made_on": jst_day(request.at),
                "address": address,
            }
            return render(request, "desk/recovery_slips/make.html", context)
    living = queries.living(organisation_id=request.organisation_id)
    return render(request, "desk/recovery_slips/page.html", {"living": living, "form": form}, status=422)


@door(Permission.SECURITY_MANAGE)
@require_POST
def stop(request: Visit) -> HttpResponse:
    """Stop what slips have begun."""
    recovery_slips.stop(organisation_id=request.organisation_id, by=request.actor, at=request.at)
    messages.success(request, gettext("再開を止めました。示された割符は、もう使えません。新しく作り直してください。"))
    return redirect("desk:recovery_slips.page")


routes = [
    path("recovery-slips/", page, name="recovery_slips.page"),
    path("recovery-slips/make/", make, name="recovery_slips.make"),
    path("recovery-slips/stop/", stop, name="recovery_slips.stop"),
]
