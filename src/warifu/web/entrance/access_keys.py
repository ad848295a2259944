"""この端末を登録する: the link of an access key, and one's own registered devices (003-13, C-08)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from warifu.credentials.actions import access_keys, sessions
from warifu.credentials.queries import access_keys as queries
from warifu.credentials.queries.factors import factors_of
from warifu.credentials.rules.sessions import browser_name
from warifu.foundation.days import jst_day
from warifu.organisations.rules import Permission
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door, public
from warifu.web.shared.paging import id_or_none
from warifu.web.shared.refusals import said


class NameForm(forms.Form):
    """What one calls the device."""

    name = forms.CharField(label=_("端末の名前"), max_length=60)


@public
@require_GET
def page(request: HttpRequest, token: str) -> HttpResponse:
    """For whom and for which device the link is; looking at it changes nothing, since mail scanners look too."""
    link = access_keys.look(token=token, at=request.at)  # type: ignore[attr-defined]
    if not link.is_good:
        raise access_keys.KeyLinkOver
    browser = browser_name(visitor.of(request).browser)
    return render(request, "entrance/access_keys/page.html", {"link": link, "token": token, "browser": browser})


@public
@require_POST
def take(request: HttpRequest, token: str) -> HttpResponse:
    """Give this browser its key, and go on to sign-in, from which on it counts."""
    at = request.at  # type: ignore[attr-defined]
    link = access_keys.look(token=token, at=at)
    shown = access_keys.take(token=token, shown=visitor.of(request).access_key, at=at)
    session = getattr(request, "warifu_session", None)
    home = reverse("entrance:access_keys.listing")
    response = redirect(f"{reverse('entrance:signin.ask')}?{urlencode({'o': link.organisation_code, 'next': home})}")
    if session is not None:
        sessions.end(
            session_id=session.id,
            organisation_id=session.organisation_id,
            only_of=session.member_id,
            by=session.actor,
            at=at,
        )
        visitor.forget_session(response)
    visitor.keep_access_keys(response, shown)
    return response


@door(Permission.OWN_RECORD)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """One's own registered devices."""
    keys = queries.keys_of(
        organisation_id=request.organisation_id, member_id=request.member_id, at=request.at, living_only=True
    )
    here = queries.good_key(member_id=request.member_id, shown=visitor.of(request).access_key, at=request.at)
    from_day = queries.restricted_from(member_id=request.member_id)
    factors = factors_of(organisation_id=request.organisation_id, member_id=request.member_id)
    context = {
        "passkeys": [passkey for passkey in factors.passkeys if not passkey.is_synced],
        "keys": [(line, browser_name(line.browser)) for line in keys],
        "here": here,
        "from_day": from_day,
        "is_restricted": from_day is not None and from_day <= jst_day(request.at),
    }
    return render(request, "entrance/access_keys/listing.html", context)


@door(Permission.OWN_RECORD)
@require_POST
def rename(request: Visit, key_id: UUID) -> HttpResponse:
    """Give one of one's own devices another name."""
    form = NameForm(request.POST)
    if form.is_valid():
        _insist_own(request, key_id)
        access_keys.rename(
            organisation_id=request.organisation_id,
            key_id=key_id,
            name=form.cleaned_data["name"],
            by=request.actor,
            at=request.at,
        )
        messages.success(request, gettext("端末の名前を変えました。"))
    return redirect("entrance:access_keys.listing")


@door(Permission.OWN_RECORD)
@require_POST
def revoke(request: Visit, key_id: UUID) -> HttpResponse:
    """Stop one of one's own devices, for one that was lost."""
    _insist_own(request, key_id)
    try:
        access_keys.revoke(organisation_id=request.organisation_id, key_id=key_id, by=request.actor, at=request.at)
    except access_keys.LeaderLockedOut as refusal:
        messages.error(request, said(refusal))
    else:
        messages.success(request, gettext("その端末のアクセスキーを止めました。"))
    return redirect("entrance:access_keys.listing")


@door(Permission.OWN_RECORD)
@require_POST
def bind(request: Visit, key_id: UUID) -> HttpResponse:
    """Bind one of one's own devices to a passkey that stays in it (C-08)."""
    access_keys.bind(
        organisation_id=request.organisation_id,
        key_id=key_id,
        passkey_id=id_or_none(request.POST.get("passkey", "")) or key_id,
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("この端末を、パスキーと結び付けました。"))
    return redirect("entrance:access_keys.listing")


def _insist_own(request: Visit, key_id: UUID) -> None:
    queries.insist_own(member_id=request.member_id, key_id=key_id)


routes = [
    path("device/<str:token>/", page, name="access_keys.page"),
    path("device/<str:token>/take/", take, name="access_keys.take"),
    path("devices/", listing, name="access_keys.listing"),
    path("devices/<uuid:key_id>/name/", rename, name="access_keys.rename"),
    path("devices/<uuid:key_id>/bind/", bind, name="access_keys.bind"),
    path("devices/<uuid:key_id>/stop/", revoke, name="access_keys.revoke"),
]
