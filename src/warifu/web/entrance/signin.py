"""Sign-in: organisation, mail address or employee code, and password; further stages follow when they are wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from warifu.cards.queries.bindings import are_cards_set_up
from warifu.cards.rules.refusals import CardNotAccepted
from warifu.credentials.actions import attempts, mail_codes, passkeys, signin
from warifu.credentials.queries import identity_providers
from warifu.credentials.rules.codes import CodeNotAccepted, ResendTooSoon
from warifu.foundation.actor import Role
from warifu.foundation.refusals import Refused
from warifu.organisations.rules import PERMISSIONS, Permission
from warifu.web.shared import cards, visitor
from warifu.web.shared.doors import public
from warifu.web.shared.forms import add_refusal
from warifu.web.shared.refusals import in_words, said

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
        label=_("メールアドレス、社員番号、または利用者ID"),
        max_length=254,
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "autocomplete": "username"}),
        error_messages={"required": _("メールアドレス、社員番号、利用者IDのどれかを入れてください。")},
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
    """Where a person starts: the desk for office people, their own page for employees and customers."""
    return reverse("desk:home.page" if roles & PERMISSIONS[Permission.DESK_ENTER] else "mypage:home.page")


def _try(request: HttpRequest, form: SignInForm) -> tuple[str, signin.SignedIn | signin.NextStage]:
    given, who, at = form.cleaned_data, visitor.of(request), request.at  # type: ignore[attr-defined]
    token = signin.begin(organisation_code=given["organisation"], identifier=given["identifier"], visitor=who, at=at)
    return token, signin.answer(token=token, stage="password", secret=given["password"], visitor=who, at=at)


def _page(request: HttpRequest, form: SignInForm, *, refusal: Refused | None = None, status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "refusal": in_words(refusal) if refusal else None,
        "providers": identity_providers.offered(organisation_code=str(form["organisation"].value() or "")),
        "next": form["next"].value() or "",
        "takes_cards": are_cards_set_up(),
    }
    response = render(request, "entrance/signin/ask.html", context, status=refusal.status if refusal else status)
    if shown := visitor.of(request).access_key:
        visitor.keep_access_keys(response, shown)
    return response


class CodeForm(forms.Form):
    """One code in one field, which may be pasted (A-08)."""

    code = forms.CharField(
        label=_("確認コード"),
        max_length=60,
        widget=forms.TextInput(
            {"autocomplete": "one-time-code", "autocapitalize": "characters", "spellcheck": "false"}
        ),
        error_messages={"required": _("コードを入れてください。")},
    )
    next = forms.CharField(required=False, widget=forms.HiddenInput)


@public
@require_POST
@sensitive_post_parameters("answer")
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone: no name and no password (L-18)."""
    wanted = visitor.path_within(request, request.POST.get("next", ""))
    try:
        token, outcome = signin.by_passkey(
            answer=request.POST.get("answer", ""),
            visitor=visitor.of(request),
            at=request.at,  # type: ignore[attr-defined]
        )
    except (*passkeys.REFUSALS, attempts.TooManyAttempts) as refusal:
        remembered = request.COOKIES.get(visitor.ORGANISATION_COOKIE, "")
        return _page(request, SignInForm(initial={"organisation": remembered, "next": wanted}), refusal=refusal)
    return let_in(outcome, wanted) if isinstance(outcome, signin.SignedIn) else to_stage(token, outcome, wanted)


@public
@require_POST
def passkey_options(request: HttpRequest) -> JsonResponse:
    """The question to which any passkey of this site is the answer; the same for everybody."""
    at = request.at  # type: ignore[attr-defined]
    return as_json(lambda: passkeys.options_for_anybody(address=visitor.address_of(request), at=at))


@public
@sensitive_post_parameters("code", "answer", "token")
def second(request: HttpRequest) -> HttpResponse:
    """The second factor: a code of the authenticator app, a recovery code, a passkey, or a card."""
    return _stage(request, "second")


@public
@require_POST
def second_options(request: HttpRequest) -> JsonResponse:
    """The question to which a passkey of the person under way is the answer."""
    at = request.at  # type: ignore[attr-defined]

    def make() -> dict[str, Any]:
        name, account, _process = signin.due_stage(token=request.COOKIES.get(PROCESS_COOKIE, ""), at=at)
        if name != "second" or account.member is None:
            raise signin.SignInOver
        return passkeys.options_for_member(member_id=account.member.id, purpose=passkeys.SECOND, at=at)

    return as_json(make)


@public
@sensitive_post_parameters("code")
def code(request: HttpRequest) -> HttpResponse:
    """The code that was mailed for this sign-in (000-28 … 000-30)."""
    return _stage(request, "code")


@public
@require_POST
def resend(request: HttpRequest) -> HttpResponse:
    """Mail another code; the one before is dead (L-15)."""
    back = visitor.path_within(request, request.POST.get("next", ""))
    try:
        signin.open_again(
            token=request.COOKIES.get(PROCESS_COOKIE, ""),
            stage="code",
            visitor=visitor.of(request),
            at=request.at,  # type: ignore[attr-defined]
        )
    except (ResendTooSoon, attempts.TooManyAttempts) as refusal:
        messages.warning(request, said(refusal))
    else:
        messages.success(request, gettext("新しい確認コードを送りました。前のコードは使えません。"))
    return redirect(f"{reverse('entrance:signin.code')}?{urlencode({'next': back})}")


def _stage(request: HttpRequest, stage: str) -> HttpResponse:
    token, at = request.COOKIES.get(PROCESS_COOKIE, ""), request.at  # type: ignore[attr-defined]
    who = visitor.of(request)
    wanted = visitor.path_within(request, request.POST.get("next", "") or request.GET.get("next", ""))
    by_passkey = request.POST.get("answer", "") or cards.answer_in(request)
    form = CodeForm(None if by_passkey else request.POST or None, initial={"next": wanted})
    refusal = None
    if by_passkey or form.is_valid():
        secret = by_passkey or form.cleaned_data["code"]
        try:
            outcome = signin.answer(token=token, stage=stage, secret=secret, visitor=who, at=at)
        except signin.SignInOver:  # Another stage is due, or none: `due_stage` tells which.
            pass
        except (CodeNotAccepted, CardNotAccepted, passkeys.PasskeyNotAccepted, attempts.TooManyAttempts) as refused:
            if by_passkey:
                refusal = refused
            else:
                add_refusal(form, refused, "code")
        else:
            return let_in(outcome, wanted) if isinstance(outcome, signin.SignedIn) else to_stage(token, outcome, wanted)
    name, account, process = signin.due_stage(token=token, visitor=who, at=at)
    if name != stage:
        return redirect(f"{reverse(f'entrance:signin.{name}')}?{urlencode({'next': wanted})}")
    context = {
        "form": form,
        "next": wanted,
        "refusal": in_words(refusal) if refusal else None,
        "mail": _hidden_mail(account.member.mail) if account.member else "",
        "second": account.second,
        "wants_device": account.wants_device_passkey,
        "awaited": mail_codes.awaited(process=process, queue=account.queue, at=at),
    }
    status = 422 if form.errors or refusal else 200
    return render(request, f"entrance/signin/{stage}.html", context, status=status)


def as_json(make: Callable[[], dict[str, Any]]) -> JsonResponse:
    """A question for a passkey as the browser wants it, or why none is put."""
    try:
        return JsonResponse(make())
    except Refused as refusal:
        return JsonResponse(in_words(refusal), status=refusal.status)


def _hidden_mail(mail: str) -> str:
    """A mail address of which its owner knows the rest: `a***@example.jp`."""
    name, _sign, domain = mail.partition("@")
    return f"{name[:1]}***@{domain}" if domain else ""


routes = [
    path("signin/", ask, name="signin.ask"),
    path("signin/passkey/", passkey, name="signin.passkey"),
    path("signin/passkey/options/", passkey_options, name="signin.passkey_options"),
    path("signin/second/", second, name="signin.second"),
    path("signin/second/options/", second_options, name="signin.second_options"),
    path("signin/code/", code, name="signin.code"),
    path("signin/code/resend/", resend, name="signin.resend"),
]
