"""One's own passkeys: add, rename, stop, and answer with one inside a session (L-18)."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from warifu.credentials.actions import passkeys, stepup
from warifu.credentials.queries.factors import FactorLine, factors_of
from warifu.credentials.rules.sessions import browser_name
from warifu.foundation.refusals import NotFound, Refused
from warifu.organisations.rules import Permission
from warifu.web.entrance.factors import factor_door, to_changed, wanted_of
from warifu.web.entrance.signin import as_json, home_of
from warifu.web.shared import visitor
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.refusals import in_words, said


class NameForm(forms.Form):
    """What its owner calls a passkey or an app."""

    name = forms.CharField(
        label=_("名前"),
        max_length=60,
        help_text=_("あとで見分けるための名前です。例: 会社のノートPC、自分のiPhone"),
        widget=forms.TextInput({"autocomplete": "off"}),
        error_messages={"required": _("名前を入れてください。")},
    )


@factor_door
@sensitive_post_parameters("answer")
def add(request: Visit) -> HttpResponse:
    """Register a passkey made by this browser; the session is as strong as it afterwards."""
    form = NameForm(request.POST or None, initial={"name": browser_name(request.headers.get("User-Agent", ""))})
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            passkeys.enrol(
                organisation_id=request.organisation_id,
                name=form.cleaned_data["name"],
                answer=request.POST.get("answer", ""),
                by=request.actor,
                at=request.at,
            )
        except Refused as refused:
            refusal = refused
        else:
            return to_changed(request, gettext("パスキーを登録しました。"), token=strengthened(request, "passkey"))
    context = {"form": form, "next": wanted_of(request), "refusal": in_words(refusal) if refusal else None}
    return render(request, "entrance/passkeys/add.html", context, status=422 if refusal or form.errors else 200)


@factor_door
@require_POST
def options_to_add(request: Visit) -> JsonResponse:
    """The question to which a new passkey is the answer."""
    return as_json(
        lambda: passkeys.options_for_enrolment(organisation_id=request.organisation_id, by=request.actor, at=request.at)
    )


@factor_door
def rename(request: Visit, passkey_id: UUID) -> HttpResponse:
    """Another name for a passkey."""
    line = _line(request, passkey_id)
    form = NameForm(request.POST or None, initial={"name": line.name})
    if request.method == "POST" and form.is_valid():
        passkeys.rename(
            organisation_id=request.organisation_id,
            passkey_id=passkey_id,
            name=form.cleaned_data["name"],
            by=request.actor,
            at=request.at,
        )
        messages.success(request, gettext("パスキーの名前を変えました。"))
        return redirect(wanted_of(request) or "entrance:security.page")
    context = {"form": form, "line": line, "next": wanted_of(request)}
    return render(request, "entrance/passkeys/rename.html", context, status=422 if form.errors else 200)


@factor_door
def revoke(request: Visit, passkey_id: UUID) -> HttpResponse:
    """Say what stopping means, then stop it."""
    line = _line(request, passkey_id)
    if request.method == "POST":
        passkeys.revoke(organisation_id=request.organisation_id, passkey_id=passkey_id, by=request.actor, at=request.at)
        return to_changed(request, gettext("パスキー「{name}」を止めました。").format(name=line.name))
    mine = factors_of(organisation_id=request.organisation_id, member_id=request.member_id)
    context = {"line": line, "next": wanted_of(request), "is_last": len(mine.living) == 1}
    return render(request, "entrance/passkeys/revoke.html", context)


@door(Permission.OWN_RECORD)
@require_POST
def options_to_prove(request: Visit) -> JsonResponse:
    """The question to which one of one's own passkeys is the answer, inside a session."""
    return as_json(
        lambda: passkeys.options_for_member(member_id=request.member_id, purpose=passkeys.PROVE, at=request.at)
    )


@door(Permission.OWN_RECORD)
@require_POST
@sensitive_post_parameters("answer")
def prove(request: Visit) -> HttpResponse:
    """Answer with a passkey, for step-up and for the proof once more; the session gets a new token (L-22)."""
    wanted = wanted_of(request)
    try:
        token = stepup.by_passkey(
            organisation_id=request.organisation_id,
            session_id=request.session_id,
            answer=request.POST.get("answer", ""),
            address=visitor.address_of(request),
            browser=visitor.of(request).browser,
            by=request.actor,
            at=request.at,
        )
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, said(refusal))
        return redirect(visitor.path_within(request, request.POST.get("asked_at", "")) or "entrance:stepup.ask")
    response = redirect(wanted or home_of(request.actor.roles))
    visitor.keep_session(response, token)
    return response


def strengthened(request: Visit, factor: str) -> str:
    """The session's new token, after a factor was registered and so shown in it."""
    return stepup.raise_level(
        session_id=request.session_id,
        factor=factor,
        address=visitor.address_of(request),
        by=request.actor,
        at=request.at,
    )


def _line(request: Visit, passkey_id: UUID) -> FactorLine:
    mine = factors_of(organisation_id=request.organisation_id, member_id=request.member_id)
    for line in mine.passkeys:
        if line.id == passkey_id:
            return line
    raise NotFound


routes = [
    path("passkeys/add/", add, name="passkeys.add"),
    path("passkeys/add/options/", options_to_add, name="passkeys.options_to_add"),
    path("passkeys/<uuid:passkey_id>/rename/", rename, name="passkeys.rename"),
    path("passkeys/<uuid:passkey_id>/revoke/", revoke, name="passkeys.revoke"),
    path("passkeys/prove/", prove, name="passkeys.prove"),
    path("passkeys/prove/options/", options_to_prove, name="passkeys.options_to_prove"),
]
