"""外部のID基盤: with which other services this organisation's people may sign in (000-18, L-26)."""

from __future__ import annotations

from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from warifu.credentials.actions import identity_providers
from warifu.credentials.actions.external import way_back
from warifu.credentials.queries import identity_providers as queries
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.forms import add_refusal


class ProviderForm(forms.Form):
    """What the provider's administrator gives; the way back has to be told to them first."""

    provider_id = forms.UUIDField(widget=forms.HiddenInput, error_messages={"required": "", "invalid": ""})

    name = forms.CharField(
        label=_("名前"),
        max_length=100,
        help_text=_("サインインの画面のボタンに出ます。例: グループ共通のID"),
        error_messages={"required": _("名前を入れてください。")},
    )
    issuer = forms.URLField(
        label=_("発行者（issuer）"),
        max_length=300,
        assume_scheme="https",
        help_text=_("https:// で始まるアドレスです。相手の説明にあるとおり、末尾の「/」まで同じに入れてください。"),
        error_messages={
            "required": _("発行者のアドレスを入れてください。"),
            "invalid": _("https:// で始まるアドレスを入れてください。"),
        },
    )
    client_id = forms.CharField(
        label=_("クライアントID"),
        max_length=200,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("クライアントIDを入れてください。")},
    )
    secret = forms.CharField(
        label=_("クライアントシークレット"),
        max_length=400,
        strip=True,
        help_text=_("封緘してしまい、二度と表示しません。"),
        widget=forms.PasswordInput({"autocomplete": "off"}),
        error_messages={"required": _("クライアントシークレットを入れてください。")},
    )
    strong = forms.CharField(
        label=_("二つの要素とみなす値（acr または amr）"),
        max_length=500,
        required=False,
        help_text=_(
            "相手が多要素で確かめたときに送る値を、空白で区切ります。例: mfa。空なら、一つの要素として扱います。"
        ),
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class BindingForm(forms.Form):
    """Whose identity it is."""

    member = forms.CharField(
        label=_("社員番号またはメールアドレス"),
        max_length=254,
        error_messages={"required": _("社員番号かメールアドレスを入れてください。")},
    )
    subject = forms.CharField(
        label=_("外部での識別子（subject）"),
        max_length=255,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("外部での識別子を入れてください。")},
    )


@door(Permission.SECURITY_MANAGE)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """All providers, ended ones included."""
    lines = queries.providers_of(organisation_id=request.organisation_id)
    return render(request, "desk/identity_providers/listing.html", {"lines": lines})


@door(Permission.SECURITY_MANAGE, recent=True)
@sensitive_post_parameters("secret")
def add(request: Visit) -> HttpResponse:
    """Register a provider; it is asked for its description at once."""
    form = ProviderForm(request.POST or None, initial={"provider_id": uuid4()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            provider_id = identity_providers.add(
                organisation_id=request.organisation_id,
                name=given["name"],
                issuer=request.POST["issuer"],
                client_id=given["client_id"],
                secret=given["secret"],
                level_two_acr=given["strong"].split(),
                provider_id=given["provider_id"],
                by=request.actor,
                at=request.at,
            )
        except Refused as refusal:
            add_refusal(form, refusal, "issuer")
        else:
            messages.success(request, gettext("外部のID基盤を加えました。利用者が自分のIDを結び付けると、使えます。"))
            return redirect("desk:identity_providers.page", provider_id=provider_id)
    try:
        address = way_back(provider_id=UUID(str(form["provider_id"].value())))
    except ValueError:
        raise NotFound from None
    context = {"form": form, "way_back": address}
    return render(request, "desk/identity_providers/add.html", context, status=422 if form.errors else 200)


@door(Permission.SECURITY_MANAGE)
@require_GET
def page(request: Visit, provider_id: UUID) -> HttpResponse:
    """One provider: what it has to know, and who is bound there."""
    return _page(request, provider_id, BindingForm())


@door(Permission.SECURITY_MANAGE, recent=True)
@require_POST
def bind(request: Visit, provider_id: UUID) -> HttpResponse:
    """Bind an employee's identity beforehand."""
    form = BindingForm(request.POST)
    if not form.is_valid():
        return _page(request, provider_id, form)
    typed = form.cleaned_data["member"].strip()
    member = organisations.member_by_employee_code(
        organisation_id=request.organisation_id, employee_code=typed
    ) or organisations.member_by_mail(organisation_id=request.organisation_id, mail=typed.lower())
    if member is None:
        form.add_error("member", gettext("その社員番号またはメールアドレスの人は見つかりません。"))
        return _page(request, provider_id, form)
    try:
        identity_providers.bind_for(
            organisation_id=request.organisation_id,
            provider_id=provider_id,
            member_id=member.id,
            subject=form.cleaned_data["subject"],
            by=request.actor,
            at=request.at,
        )
    except (identity_providers.BindsOwn, identity_providers.IdentityTaken) as refusal:
        add_refusal(form, refusal, "member")
        return _page(request, provider_id, form)
    messages.success(request, gettext("%(name)sさんの外部のIDを結び付けました。") % {"name": member.full_name})
    return redirect("desk:identity_providers.page", provider_id=provider_id)


@door(Permission.SECURITY_MANAGE, recent=True)
@require_POST
def unbind(request: Visit, provider_id: UUID, identity_id: UUID) -> HttpResponse:
    """Untie a member's identity."""
    identity_providers.unbind(
        organisation_id=request.organisation_id, identity_id=identity_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("外部のIDとの結び付きを外しました。"))
    return redirect("desk:identity_providers.page", provider_id=provider_id)


@door(Permission.SECURITY_MANAGE, recent=True)
@require_POST
def end(request: Visit, provider_id: UUID) -> HttpResponse:
    """Stop signing in by a provider."""
    identity_providers.end(
        organisation_id=request.organisation_id, provider_id=provider_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("外部のID基盤を使うのをやめました。このID基盤からは、もうサインインできません。"))
    return redirect("desk:identity_providers.listing")


def _page(request: Visit, provider_id: UUID, form: BindingForm) -> HttpResponse:
    lines = queries.providers_of(organisation_id=request.organisation_id)
    line = next((one for one in lines if one.id == provider_id), None)
    if line is None:
        raise NotFound
    context = {
        "line": line,
        "way_back": way_back(provider_id=provider_id),
        "identities": queries.identities_at(organisation_id=request.organisation_id, provider_id=provider_id),
        "form": form,
    }
    return render(request, "desk/identity_providers/page.html", context, status=422 if form.errors else 200)


routes = [
    path("identity-providers/", listing, name="identity_providers.listing"),
    path("identity-providers/add/", add, name="identity_providers.add"),
    path("identity-providers/<uuid:provider_id>/", page, name="identity_providers.page"),
    path("identity-providers/<uuid:provider_id>/bind/", bind, name="identity_providers.bind"),
    path("identity-providers/<uuid:provider_id>/<uuid:identity_id>/unbind/", unbind, name="identity_providers.unbind"),
    path("identity-providers/<uuid:provider_id>/end/", end, name="identity_providers.end"),
]
