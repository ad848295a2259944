"""製品の利用者登録: from the card to the licence key, also for renewals (000-4 … 000-15)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from warifu.credentials.actions.attempts import TooManyAttempts
from warifu.foundation.refusals import Refused
from warifu.licences.actions import registering
from warifu.licences.queries import registrations as queries
from warifu.licences.queries.registrations import RegistrationView
from warifu.licences.rules.codes import CodeMistyped, CodesMixedUp
from warifu.licences.rules.procedures import REGISTRATION
from warifu.notices.actions.letters import AddressUnusable
from warifu.web.shared import visitor
from warifu.web.shared.doors import public
from warifu.web.shared.forms import add_refusal

_SIGNS = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "class": "code"}
_CARD = (registering.CardUsed, registering.CardExpired, registering.CardRevoked)
_RENEWAL = (registering.OtherProduct, registering.EarlierRevoked)
_TYPED = (CodeMistyped, CodesMixedUp, registering.PairUnknown, TooManyAttempts)


def code_field(label: Any, help_text: Any = "") -> forms.CharField:
    """A field for a number from a card or a letter."""
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=40,
        widget=forms.TextInput(_SIGNS),
        error_messages={"required": _("番号を入れてください。")},
    )


class BeginForm(forms.Form):
    """The pair that is printed on the card."""

    number = code_field(_("製品登録番号"), _("R で始まる12文字です。"))
    confirmation = code_field(
        _("登録用の確認番号"), _("T で始まる8文字です。「保守契約用の確認番号」は、あとの画面で使います。")
    )


class EarlierForm(forms.Form):
    """What was registered before."""

    number = code_field(_("前に登録した製品登録番号"))
    phone = forms.CharField(label=_("そのときの電話番号"), max_length=20, widget=forms.TextInput({"inputmode": "tel"}))


class CompanyForm(forms.Form):
    """The customer."""

    name = forms.CharField(
        label=_("会社名"), max_length=100, widget=forms.TextInput({"autocomplete": "organization"}),
        error_messages={"required": _("会社名を入れてください。")},
    )  # fmt: skip
    address = forms.CharField(label=_("住所"), max_length=200, required=False)
    phone = forms.RegexField(
        re.compile(r"^[+0-9０-９()（）\-－ ]{9,20}$"),
        label=_("電話番号"),
        help_text=_("更新のときに、ご本人の確認に使います。"),
        widget=forms.TextInput({"inputmode": "tel", "autocomplete": "tel"}),
        error_messages={
            "required": _("電話番号を入れてください。"),
            "invalid": _("電話番号を、市外局番から数字で入れてください。"),
        },
    )
    person = forms.CharField(
        label=_("担当者の氏名"), max_length=100, widget=forms.TextInput({"autocomplete": "name"}),
        error_messages={"required": _("担当者の氏名を入れてください。")},
    )  # fmt: skip
    mail = forms.EmailField(
        label=_("担当者のメールアドレス"),
        help_text=_("ライセンスキーが届きます。"),
        widget=forms.EmailInput({"autocomplete": "email"}),
        error_messages={
            "required": _("担当者のメールアドレスを入れてください。"),
            "invalid": _("メールアドレスの形を確かめてください。例: hanako@example.jp"),
        },
    )
    renews = forms.BooleanField(
        label=_("読み込んだ登録の保守契約を更新する"),
        required=False,
        help_text=_("印を外すと、別の新しいライセンスになります。"),
    )

    def __init__(self, *given: Any, may_renew: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        if not may_renew:
            del self.fields["renews"]


class SupportForm(forms.Form):
    """The second confirmation number."""

    confirmation = code_field(_("保守契約用の確認番号"), _("H で始まる8文字です。"))


Step = Callable[[HttpRequest, RegistrationView, str], HttpResponse]


def _step(view: Step) -> Callable[..., HttpResponseBase]:
    """A screen of the way: what the browser has under way is looked up first."""

    @public
    @sensitive_post_parameters("confirmation", "number", "phone")
    @wraps(view)
    def entered(request: HttpRequest) -> HttpResponse:
        token = request.COOKIES.get(visitor.REGISTRATION_COOKIE, "")
        found = queries.under_way(token=token, at=request.at) if token else None  # type: ignore[attr-defined]
        if found is None:
            messages.error(request, gettext(registering.RegistrationOver.sentence))
            return redirect("entrance:registration.begin")
        return view(request, found, token)

    return entered


@public
@sensitive_post_parameters("number", "confirmation")
def begin(request: HttpRequest) -> HttpResponse:
    """Take the card's number and its registration confirmation (000-7, 000-8)."""
    form = BeginForm(request.POST or None, initial={"number": request.GET.get("number", "")[:40]})
    if request.method == "POST" and form.is_valid():
        try:
            token = registering.begin(
                number=form.cleaned_data["number"],
                confirmation=form.cleaned_data["confirmation"],
                address=visitor.address_of(request),
                at=request.at,  # type: ignore[attr-defined]
            )
        except (*_TYPED, *_CARD) as refusal:
            add_refusal(form, refusal, _field_of(refusal))
        else:
            answer = redirect("entrance:registration.terms")
            visitor.keep_registration(answer, token)
            return answer
    return _page(request, "begin", form=form, procedure=REGISTRATION)


@_step
def terms(request: HttpRequest, found: RegistrationView, token: str) -> HttpResponse:
    """A tick for each of the terms (000-9)."""
    ticked = request.POST.getlist("terms") if request.method == "POST" else list(found.accepted)
    if request.method == "POST":
        wanted = [each.id for each in found.terms if str(each.id) in ticked]
        try:
            registering.accept_terms(token=token, terms_ids=wanted, at=request.at)  # type: ignore[attr-defined]
        except registering.TermsNotTicked as refusal:
            return _page(request, "terms", found=found, ticked=ticked, missing=refusal)
        return redirect("entrance:registration.company")
    return _page(request, "terms", found=found, ticked=ticked)


@_step
def company(request: HttpRequest, found: RegistrationView, token: str) -> HttpResponse:
    """The customer's data (000-10)."""
    may_renew = bool(found.company.get("earlier"))
    form = CompanyForm(request.POST or None, initial=found.company, may_renew=may_renew)
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        renews = given.pop("renews", False)
        try:
            registering.save_company(token=token, company=given, renews=renews, at=request.at)  # type: ignore[attr-defined]
        except _RENEWAL as refusal:
            add_refusal(form, refusal, "renews")
        else:
            return redirect("entrance:registration.support")
    return _page(request, "company", form=form, earlier=EarlierForm(prefix="earlier"), found=found)


@require_POST
@_step
def read(request: HttpRequest, found: RegistrationView, token: str) -> HttpResponse:
    """製品情報の読込: the data of an earlier registration (000-12)."""
    form = EarlierForm(request.POST, prefix="earlier")
    if form.is_valid():
        try:
            registering.read_earlier(
                token=token,
                number=form.cleaned_data["number"],
                phone=form.cleaned_data["phone"],
                address=visitor.address_of(request),
                at=request.at,  # type: ignore[attr-defined]
            )
        except (CodeMistyped, CodesMixedUp, TooManyAttempts, registering.EarlierUnknown) as refusal:
            add_refusal(form, refusal, "number")
        else:
            messages.success(request, gettext("前の登録から読み込みました。変わったところを直してください。"))
            return redirect("entrance:registration.company")
    whole = CompanyForm(initial=found.company, may_renew=bool(found.company.get("earlier")))
    return _page(request, "company", form=whole, earlier=form, found=found)


@_step
def support(request: HttpRequest, found: RegistrationView, token: str) -> HttpResponse:
    """Take the second confirmation number (000-11)."""
    form = SupportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            registering.confirm_support(
                token=token,
                confirmation=form.cleaned_data["confirmation"],
                address=visitor.address_of(request),
                at=request.at,  # type: ignore[attr-defined]
            )
        except _TYPED as refusal:
            add_refusal(form, refusal, "confirmation")
        else:
            return redirect("entrance:registration.review")
    return _page(request, "support", form=form, found=found)


@_step
def review(request: HttpRequest, found: RegistrationView, token: str) -> HttpResponse:
    """Look it over, then register (000-13)."""
    if request.method != "POST":
        return _page(request, "review", found=found)
    try:
        registering.register(token=token, at=request.at)  # type: ignore[attr-defined]
    except (registering.RegistrationIncomplete, *_RENEWAL, AddressUnusable, *_CARD) as refusal:
        return _page(request, "review", found=found, refusal=refusal)
    answer = redirect("entrance:registration.done")
    answer.delete_cookie(visitor.REGISTRATION_COOKIE)
    return answer


@public
@require_GET
def done(request: HttpRequest) -> HttpResponse:
    """What comes next."""
    return render(request, "entrance/registration/done.html", {"procedure": REGISTRATION})


def _page(request: HttpRequest, key: str, **context: Any) -> HttpResponse:
    faulty = [each for each in context.values() if isinstance(each, forms.Form) and each.errors]
    refused = faulty or context.get("missing") or context.get("refusal")
    return render(request, f"entrance/registration/{key}.html", context, status=422 if refused else 200)


def _field_of(refusal: Refused) -> str:
    label = refusal.values.get("wanted") or refusal.values.get("label")
    return "confirmation" if label == "登録用の確認番号" else "number"


routes = [
    path("register/", begin, name="registration.begin"),
    path("register/terms/", terms, name="registration.terms"),
    path("register/company/", company, name="registration.company"),
    path("register/company/read/", read, name="registration.read"),
    path("register/support/", support, name="registration.support"),
    path("register/review/", review, name="registration.review"),
    path("register/done/", done, name="registration.done"),
]
