"""The single-use link of a mail: who invites, then the password, then in.

Looking at the link changes nothing, because mail scanners look too; a button opens it (V-08 3.5.3).
"""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from warifu.collection.actions import invitations
from warifu.credentials.actions import activation, devices
from warifu.credentials.actions.activation import LinkState, OpenedActivation
from warifu.credentials.rules.passwords import LONGEST, SHORTEST
from warifu.foundation.refusals import Refused
from warifu.organisations import queries as organisations
from warifu.web.entrance.signin import home_of
from warifu.web.shared import visitor
from warifu.web.shared.doors import public
from warifu.web.shared.forms import add_refusal


class PasswordForm(forms.Form):
    """A new password, typed once: it can be shown, pasted, and made by a password manager (L-04, A-08)."""

    username = forms.CharField(required=False, widget=forms.HiddenInput({"autocomplete": "username"}))
    password = forms.CharField(
        label=_("新しいパスワード"),
        strip=False,
        help_text=_(
            "15文字以上です。文字の種類は問いません。空白やかなも使えます。言葉をいくつかつないだ文が、長くても覚えやすくなります。"
        ),
        widget=forms.PasswordInput({"autocomplete": "new-password", "minlength": SHORTEST, "maxlength": 2 * LONGEST}),
        error_messages={"required": _("新しいパスワードを入れてください。")},
    )


@public
def page(request: HttpRequest, token: str) -> HttpResponse:
    """Who invites and what will be done; a link that no longer works says so and how to get a new one."""
    link = activation.look(token=token, at=request.at)  # type: ignore[attr-defined]
    if link.state is LinkState.GOOD:
        return render(request, "entrance/activation/page.html", {"link": link, "token": token})
    return _over(request, link)


@public
@require_POST
def open(request: HttpRequest, token: str) -> HttpResponse:  # noqa: A001
    """A person has pressed the button: note it and go on to the password."""
    at = request.at  # type: ignore[attr-defined]
    try:
        link = activation.open(token=token, at=at)
    except activation.LinkOver:
        return redirect("entrance:activation.page", token=token)
    invitations.note_opened(organisation_id=link.organisation_id, member_id=link.member_id, at=at)
    return redirect("entrance:activation.password", token=token)


@public
@sensitive_post_parameters("password")
def password(request: HttpRequest, token: str) -> HttpResponse:
    """Choose the password; afterwards the person is signed in and the link is dead."""
    at = request.at  # type: ignore[attr-defined]
    link = activation.look(token=token, at=at)
    if link.state is not LinkState.GOOD:
        return _over(request, link)
    form = PasswordForm(request.POST or None, initial={"username": link.user_id or link.member_mail})
    if request.method == "POST" and form.is_valid():
        who = visitor.of(request)
        try:
            session = activation.use(
                token=token,
                password=form.cleaned_data["password"],
                at=at,
                browser=who.browser,
                address=who.address,
                access_key=who.access_key,
            )
        except activation.LinkOver:
            return _over(request, activation.look(token=token, at=at))
        except Refused as refusal:
            add_refusal(form, refusal, "password")
        else:
            return _welcome(link, session)
    status = 422 if form.errors else 200
    return render(request, "entrance/activation/password.html", {"form": form, "link": link}, status=status)


def _welcome(link: OpenedActivation, session: str) -> HttpResponse:
    member = organisations.member(organisation_id=link.organisation_id, member_id=link.member_id)
    response = redirect(home_of(member.roles))
    visitor.keep_session(response, session)
    visitor.keep_device(response, devices.token_of(member_id=member.id), link.organisation_code)
    return response


def _over(request: HttpRequest, link: OpenedActivation) -> HttpResponse:
    return render(request, "entrance/activation/over.html", {"link": link}, status=410)


routes = [
    path("a/<str:token>/", page, name="activation.page"),
    path("a/<str:token>/open/", open, name="activation.open"),
    path("a/<str:token>/password/", password, name="activation.password"),
]
