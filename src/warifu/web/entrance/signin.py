"""Sign-in: organisation, mail address or employee code, and password; further stages follow when they are wanted."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from warifu.credentials.actions import attempts, signin
from warifu.foundation.actor import Role
from warifu.foundation.refusals import Refused
from warifu.web.shared import visitor
from warifu.web.shared.doors import public

PROCESS_COOKIE = f"{settings.SESSION_COOKIE}_signin"


class SignInForm(forms.Form):
    """What the first stage asks."""

    organisation = forms.CharField(
        label=_("組織コード"),
        max_length=40,
        help_text=_("会社から届いたメールに書いてあります。"),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "autocomplete": "organization"}),
        error_messages={"required": _("組織コードを入れてください。")},
    )
    identifier = forms.CharField(
        label=_("メールアドレスまたは社員番号"),
        max_length=254,
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "autocomplete": "username"}),
        error_messages={"required": _("メールアドレスか社員番号を入れてください。")},
    )
    password = forms.CharField(
        label=_("パスワード"),
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
        error_messages={"required": _("パスワードを入れてください。")},
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)


@public
@sensitive_post_parameters("password")
def ask(request: HttpRequest) -> HttpResponse:
    """Show the form, or try what was sent; every failure gets the same answer (L-10)."""
    wanted = visitor.path_within(request, request.GET.get("next", ""))
    if request.method != "POST":
        session = getattr(request, "warifu_session", None)
        if session is not None:
            return redirect(wanted or home_of(session.actor.roles))
        remembered = request.COOKIES.get(visitor.ORGANISATION_COOKIE, "")
        form = SignInForm(initial={"organisation": request.GET.get("o") or remembered, "next": wanted})
        return _page(request, form)
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        token, outcome = _try(request, form)
    except (signin.SignInFailed, attempts.TooManyAttempts) as refusal:
        return _page(request, form, refusal=refusal)
    back = visitor.path_within(request, form.cleaned_data["next"])
    return let_in(outcome, back) if isinstance(outcome, signin.SignedIn) else to_stage(token, outcome, back)


def let_in(signed_in: signin.SignedIn, back: str) -> HttpResponse:
    """Open the session in this browser and go where the person wanted to go."""
    response = redirect(back or home_of(signed_in.roles))
    visitor.keep_session(response, signed_in.session_token)
    visitor.keep_device(response, signed_in.device_token, signed_in.organisation_code)
    response.delete_cookie(PROCESS_COOKIE, samesite="Lax")
    return response


def to_stage(token: str, following: signin.NextStage, back: str) -> HttpResponse:
    """Go on to the next stage; the browser keeps the token of the process, so that it can be taken up again."""
    response = redirect(f"{reverse(f'entrance:signin.{following.stage}')}?{urlencode({'next': back})}")
    response.set_cookie(
        PROCESS_COOKIE,
        token,
        max_age=int(signin.LASTS.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def home_of(roles: Role) -> str:
    """Where a person starts: the desk for office people, their own page for employees."""
    return reverse("desk:home.page" if roles & ~Role.EMPLOYEE else "mypage:home.page")


def _try(request: HttpRequest, form: SignInForm) -> tuple[str, signin.SignedIn | signin.NextStage]:
    given, who, at = form.cleaned_data, visitor.of(request), request.at  # type: ignore[attr-defined]
    token = signin.begin(organisation_code=given["organisation"], identifier=given["identifier"], visitor=who, at=at)
    return token, signin.answer(token=token, stage="password", secret=given["password"], visitor=who, at=at)


def _page(request: HttpRequest, form: SignInForm, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "refusal": None}
    if refusal is not None:
        status = refusal.status
        context["refusal"] = {
            "sentence": gettext(refusal.sentence),
            "remedy": gettext(refusal.remedy).format(**refusal.values),
        }
    return render(request, "entrance/signin/ask.html", context, status=status)


routes = [path("signin/", ask, name="signin.ask")]
