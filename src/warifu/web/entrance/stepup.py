"""A second factor inside a running session: what is asked, why, and enrolment on the spot (L-14, L-19, A2)."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, path, resolve
from django.utils.translation import gettext
from django.views.decorators.debug import sensitive_post_parameters

from warifu.cards.queries.bindings import has_card
from warifu.credentials.actions import attempts, stepup
from warifu.credentials.queries.factors import factors_of
from warifu.credentials.rules.codes import SecondNotAccepted
from warifu.organisations.rules import LEVEL_TWO, Permission
from warifu.web.entrance.factors import wanted_of
from warifu.web.entrance.signin import CodeForm, home_of
from warifu.web.shared import visitor
from warifu.web.shared.doors import Rule, Visit, door
from warifu.web.shared.forms import add_refusal
from warifu.web.shared.words import PERMISSION_WORDS


@door(Permission.OWN_RECORD)
@sensitive_post_parameters("code")
def ask(request: Visit) -> HttpResponse:
    """Say which action wants more and why, take a code, or lead to enrolment; the session gets a new token (L-22)."""
    wanted = wanted_of(request)
    if request.actor.level >= 2 and request.method != "POST":
        return redirect(wanted or home_of(request.actor.roles))
    form = CodeForm(request.POST or None, initial={"next": wanted})
    if request.method == "POST" and form.is_valid():
        try:
            token = stepup.by_code(
                organisation_id=request.organisation_id,
                session_id=request.session_id,
                code=form.cleaned_data["code"],
                address=visitor.address_of(request),
                browser=visitor.of(request).browser,
                by=request.actor,
                at=request.at,
            )
        except (SecondNotAccepted, attempts.TooManyAttempts) as refusal:
            add_refusal(form, refusal, "code")
        else:
            response = redirect(wanted or home_of(request.actor.roles))
            visitor.keep_session(response, token)
            return response
    mine = factors_of(organisation_id=request.organisation_id, member_id=request.member_id)
    context = {
        "form": form,
        "next": wanted,
        "mine": mine,
        "has_card": has_card(member_id=request.member_id),
        "why": _why(wanted),
    }
    return render(request, "entrance/stepup/ask.html", context, status=422 if form.errors else 200)


def _why(wanted: str) -> str:
    """Which action of the page that somebody came from wants a second proof, and why."""
    try:
        found = resolve(urlsplit(wanted).path)
    except Resolver404:
        return gettext("この先は、番号やほかの人の権利にかかわる操作です。")
    rule = getattr(found.func, "rule", None)
    if isinstance(rule, Rule) and rule.permission in LEVEL_TWO:
        return gettext(
            "この先は「{action}」画面です。番号やほかの人の権利にかかわるため、だれの操作かを確かに残します。"
        ).format(action=gettext(PERMISSION_WORDS[rule.permission]))
    if isinstance(rule, Rule) and rule.permission is Permission.OWN_RECORD:
        return gettext("サインインの方法を変える操作です。登録済みの方法で、ご本人であることを確かめます。")
    return gettext("担当者の画面に入るときは、パスワードだけでなく、もう一つの確認をすることになっています。")


routes = [path("stepup/", ask, name="stepup.ask")]
