"""サインインでお困りの方: the head's way back in, with a text message, a mailed link and a third proof (003-4, 003-5).

Whoever asks sees the same pages: a support code, the three proofs, and what is still to do (L-10).
"""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from warifu.credentials.actions import self_resets
from warifu.foundation.refusals import Refused
from warifu.web.entrance.activation import PasswordForm
from warifu.web.shared import visitor
from warifu.web.shared.doors import public
from warifu.web.shared.forms import add_refusal

RESET_COOKIE = f"{settings.SESSION_COOKIE}_reset"


class AskForm(forms.Form):
    """Who has forgotten the password."""

    organisation = forms.CharField(
        label=_("組織コード"),
        max_length=40,
        help_text=_("会社から届いたメールに書いてあります。"),
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "autocomplete": "organization"}),
        error_messages={"required": _("組織コードを入れてください。")},
    )
    identifier = forms.CharField(
        label=_("利用者IDまたはメールアドレス"),
        max_length=254,
        widget=forms.TextInput({"autocapitalize": "none", "spellcheck": "false", "autocomplete": "username"}),
        error_messages={"required": _("利用者IDかメールアドレスを入れてください。")},
    )


class TextCodeForm(forms.Form):
    """The six digits of the text message."""

    code = forms.CharField(
        label=_("SMSの確認コード"),
        max_length=20,
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
        error_messages={"required": _("SMSで届いた6桁の数字を入れてください。")},
    )


class RecoveryForm(forms.Form):
    """One of the recovery codes."""

    recovery_code = forms.CharField(
        label=_("予備コード"),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
        error_messages={"required": _("予備コードを一つ入れてください。")},
    )


@public
def ask(request: HttpRequest) -> HttpResponse:
    """Say what is needed, take who it is, and go on in the same way for everybody."""
    if request.method != "POST":
        remembered = request.COOKIES.get(visitor.ORGANISATION_COOKIE, "")
        form = AskForm(initial={"organisation": request.GET.get("o") or remembered})
        return render(request, "entrance/self_reset/ask.html", {"form": form})
    form = AskForm(request.POST)
    if not form.is_valid():
        return render(request, "entrance/self_reset/ask.html", {"form": form}, status=422)
    asked = self_resets.ask(
        organisation_code=form.cleaned_data["organisation"],
        identifier=form.cleaned_data["identifier"],
        visitor=visitor.of(request),
        at=request.at,  # type: ignore[attr-defined]
    )
    response = redirect("entrance:self_reset.steps")
    response.set_cookie(
        RESET_COOKIE,
        asked.token,
        max_age=int(self_resets.LASTS.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@public
def steps(request: HttpRequest) -> HttpResponse:
    """The support code, the three proofs and what is done; only in the browser that asked."""
    return _steps(request)


@public
@require_POST
@sensitive_post_parameters("code")
def phone(request: HttpRequest) -> HttpResponse:
    """Take the code of the text message."""
    form = TextCodeForm(request.POST)
    if form.is_valid():
        try:
            self_resets.prove_phone(token=_token(request), typed=form.cleaned_data["code"], at=request.at)  # type: ignore[attr-defined]
        except self_resets.ProofWrong as refusal:
            add_refusal(form, refusal, "code")
        else:
            messages.success(request, gettext("SMSの確認が済みました。"))
            return redirect("entrance:self_reset.steps")
    return _steps(request, code_form=form)


@public
@require_POST
def again(request: HttpRequest) -> HttpResponse:
    """Want another text message."""
    self_resets.ask_again(token=_token(request), at=request.at)  # type: ignore[attr-defined]
    messages.info(request, gettext("お送りできるときは、新しいSMSが届きます。前のコードは使えません。"))
    return redirect("entrance:self_reset.steps")


@public
@require_POST
@sensitive_post_parameters("recovery_code")
def third(request: HttpRequest) -> HttpResponse:
    """Take a recovery code; the other way, an administrator's approval, is theirs to give."""
    form = RecoveryForm(request.POST)
    if form.is_valid():
        typed = form.cleaned_data["recovery_code"]
        try:
            self_resets.prove_third(token=_token(request), typed=typed, at=request.at)  # type: ignore[attr-defined]
        except self_resets.ProofWrong as refusal:
            add_refusal(form, refusal, "recovery_code")
        else:
            return redirect("entrance:self_reset.password")
    return _steps(request, recovery_form=form)


@public
def mail(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link: what it is for, and a button; looking changes nothing, for mail scanners look too."""
    progress = self_resets.look_at_link(token=token, at=request.at)  # type: ignore[attr-defined]
    return render(request, "entrance/self_reset/mail.html", {"progress": progress, "token": token})


@public
@require_POST
def receive(request: HttpRequest, token: str) -> HttpResponse:
    """Note that the mail was received; in another browser that is all that counts."""
    at = request.at  # type: ignore[attr-defined]
    self_resets.prove_mail(token=token, at=at)
    try:
        mine = self_resets.progress(token=_token(request), at=at)
        same = mine.support_code == self_resets.look_at_link(token=token, at=at).support_code
    except self_resets.ResetOver:
        same = False
    if same:
        messages.success(request, gettext("メールの確認が済みました。"))
        return redirect("entrance:self_reset.steps")
    return render(request, "entrance/self_reset/receive.html")


@public
@sensitive_post_parameters("password")
def password(request: HttpRequest) -> HttpResponse:
    """Choose the password, after all three proofs; nobody is signed in by it."""
    token, at = _token(request), request.at  # type: ignore[attr-defined]
    if not self_resets.progress(token=token, at=at).all_are_proven:
        return redirect("entrance:self_reset.steps")
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            self_resets.choose(
                token=token, password=form.cleaned_data["password"], address=visitor.address_of(request), at=at
            )
        except (self_resets.ResetOver, self_resets.ProofsMissing):
            raise
        except Refused as refusal:
            add_refusal(form, refusal, "password")
        else:
            response = redirect("entrance:self_reset.done")
            response.delete_cookie(RESET_COOKIE, samesite="Lax")
            return response
    status = 422 if form.errors else 200
    return render(request, "entrance/self_reset/password.html", {"form": form}, status=status)


@public
def done(request: HttpRequest) -> HttpResponse:
    """The password is chosen; what stays as it was."""
    return render(request, "entrance/self_reset/done.html")


def _steps(
    request: HttpRequest, *, code_form: TextCodeForm | None = None, recovery_form: RecoveryForm | None = None
) -> HttpResponse:
    progress = self_resets.progress(token=_token(request), at=request.at)  # type: ignore[attr-defined]
    context = {
        "progress": progress,
        "code_form": code_form or TextCodeForm(),
        "recovery_form": recovery_form or RecoveryForm(),
    }
    return render(request, "entrance/self_reset/steps.html", context, status=422 if code_form or recovery_form else 200)


def _token(request: HttpRequest) -> str:
    return request.COOKIES.get(RESET_COOKIE, "")


routes = [
    path("self-reset/", ask, name="self_reset.ask"),
    path("self-reset/steps/", steps, name="self_reset.steps"),
    path("self-reset/steps/phone/", phone, name="self_reset.phone"),
    path("self-reset/steps/again/", again, name="self_reset.again"),
    path("self-reset/steps/third/", third, name="self_reset.third"),
    path("self-reset/mail/<str:token>/", mail, name="self_reset.mail"),
    path("self-reset/mail/<str:token>/receive/", receive, name="self_reset.receive"),
    path("self-reset/password/", password, name="self_reset.password"),
    path("self-reset/done/", done, name="self_reset.done"),
]
