"""A second factor inside a running session: what is asked, why, and enrolment on the spot (L-14, L-19, A2)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters

from warifu.credentials.actions import attempts, authenticators, factors, stepup
from warifu.organisations.rules import Permission
from warifu.web.entrance.signin import CodeForm, home_of
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal


@door(Permission.OWN_RECORD)
@sensitive_post_parameters("code")
def ask(request: Visit) -> HttpResponse:
    """Say why more is needed, take a code, or lead to enrolment; the session gets a new token (L-22)."""
    wanted = visitor.path_within(request, request.POST.get("next", "") or request.GET.get("next", ""))
    form = CodeForm(request.POST or None, initial={"next": wanted})
    if request.method == "POST" and form.is_valid():
        try:
            token = stepup.by_code(
                organisation_id=request.organisation_id,
                session_id=request.session_id,
                code=form.cleaned_data["code"],
                address=visitor.address_of(request),
                by=request.actor,
                at=request.at,
            )
        except (authenticators.CodeWrong, attempts.TooManyAttempts) as refusal:
            add_refusal(form, refusal, "code")
        else:
            response = redirect(wanted or home_of(request.actor.roles))
            visitor.keep_session(response, token)
            return response
    context = {"form": form, "next": wanted, "second": factors.enrolled(member_id=request.member_id)}
    return render(request, "entrance/stepup/ask.html", context, status=422 if form.errors else 200)


routes = [path("stepup/", ask, name="stepup.ask")]
