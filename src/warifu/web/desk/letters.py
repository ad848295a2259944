"""メール: what was sent and what became of it, and the organisation's own wording (D1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from warifu.foundation.refusals import Refused
from warifu.notices import actions, queries
from warifu.notices.queries import LetterLine, TextView
from warifu.notices.wording import Written
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission, may
from warifu.web.shared.doors import Visit, door

PAGE = 50

BADGES: dict[str, tuple[str, Any, str]] = {
    "waiting": ("", _("送信待ち"), "clock"),
    "sending": ("info", _("送信中"), "mail"),
    "accepted": ("done", _("相手のサーバーに届きました"), "check"),
    "uncertain": ("heed", _("届いたか確かめられません"), "info"),
    "bounced": ("late", _("戻りました"), "alert"),
    "given_up": ("late", _("あきらめました"), "alert"),
    "cancelled": ("", _("取り消しました"), "undo"),
}
"""How each state is told: colour, words, icon (A-03)."""


class TextForm(forms.Form):
    """A letter's wording."""

    subject = forms.CharField(label=_("件名"), max_length=100, strip=True)
    body = forms.CharField(
        label=_("本文"),
        max_length=5000,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "true"}),
        help_text=_("波かっこ { } で囲んだところは、送るときに一人ずつの内容に置き換わります。"),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A letter of the list with its badge."""

    letter: LetterLine
    badge: tuple[str, Any, str]


@door(Permission.INVITE)
@require_GET
def listing(request: Visit) -> HttpResponse:
    """The letters, newest first; `state` keeps those in one state."""
    state = request.GET.get("state", "")
    state = state if state in BADGES else ""
    letters = queries.letters_of(
        organisation_id=request.organisation_id, state=state or None, before=_before(request), limit=PAGE + 1
    )
    counts = queries.counts_by_state(organisation_id=request.organisation_id)
    shown = letters[:PAGE]
    context = {
        "lines": [Line(letter, BADGES[letter.state]) for letter in shown],
        "tabs": [
            (name, words, kind == "late" and icon, counts[name])
            for name, (kind, words, icon) in BADGES.items()
            if name in counts
        ],
        "state": state,
        "total": sum(counts.values()),
        "older": f"?state={state}&before={shown[-1].id}" if len(letters) > PAGE else "",
        "newer": f"?state={state}" if "before" in request.GET else "",
        "may_edit": may(
            by=request.actor, permission=Permission.SETTINGS_MANAGE, organisation_id=request.organisation_id
        ),
    }
    return render(request, "desk/letters/listing.html", context)


@door(Permission.INVITE)
@require_POST
def resend(request: Visit, letter_id: UUID) -> HttpResponse:
    """Try a letter again that was given up, or of which nobody knows."""
    actions.resend(organisation_id=request.organisation_id, letter_id=letter_id, by=request.actor, at=request.at)
    messages.success(request, gettext("もう一度送ります。数分で結果がここに出ます。"))
    return redirect("desk:letters.listing")


@door(Permission.SETTINGS_MANAGE)
@require_GET
def texts(request: Visit) -> HttpResponse:
    """All kinds of letters, and which have the organisation's own wording."""
    views = queries.texts_of(organisation_id=request.organisation_id)
    return render(request, "desk/letters/texts.html", {"texts": views})


@door(Permission.SETTINGS_MANAGE)
def edit(request: Visit, kind: str) -> HttpResponse:
    """The wording of one kind: change, look at it as computer and phone show it, save."""
    text = queries.text_of(organisation_id=request.organisation_id, kind=kind)
    form = TextForm(request.POST or None, initial={"subject": text.subject, "body": text.body})
    preview = None
    if request.method != "POST":
        preview = _preview(request, text, text.subject, text.body)
    elif form.is_valid():
        subject, body = form.cleaned_data["subject"], form.cleaned_data["body"]
        try:
            if request.POST.get("do") == "save":
                actions.edit_text(
                    organisation_id=request.organisation_id,
                    kind=kind,
                    subject=subject,
                    body=body,
                    by=request.actor,
                    at=request.at,
                )
                messages.success(request, gettext("文面を保存しました。次に送るメールから使います。"))
                return redirect("desk:letters.edit", kind=kind)
            preview = _preview(request, text, subject, body)
        except Refused as refusal:
            if refusal.status != 422:
                raise
            form.add_error(None, _told(refusal))
    context = {"text": text, "form": form, "preview": preview, "own_mail": _own_mail(request)}
    return render(request, "desk/letters/edit.html", context, status=422 if form.errors else 200)


@door(Permission.SETTINGS_MANAGE)
@require_POST
def reset(request: Visit, kind: str) -> HttpResponse:
    """Go back to the standard wording."""
    actions.reset_text(organisation_id=request.organisation_id, kind=kind, by=request.actor, at=request.at)
    messages.success(request, gettext("標準の文面に戻しました。"))
    return redirect("desk:letters.edit", kind=kind)


@door(Permission.INVITE)
@require_POST
def test(request: Visit, kind: str) -> HttpResponse:
    """Send the saved wording to oneself, with invented values."""
    actions.send_test(
        kind=kind,
        organisation_id=request.organisation_id,
        to_mail=_own_mail(request),
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("ご自分あてにテストメールを送ります。数分のうちに届きます。"))
    return redirect("desk:letters.listing")


def _before(request: Visit) -> UUID | None:
    try:
        return UUID(request.GET.get("before", ""))
    except ValueError:
        return None


def _own_mail(request: Visit) -> str:
    return organisations.member(organisation_id=request.organisation_id, member_id=request.member_id).mail


def _preview(request: Visit, text: TextView, subject: str, body: str) -> Written:
    organisation = organisations.organisation(organisation_id=request.organisation_id)
    return queries.preview(
        kind=text.kind,
        organisation_name=organisation.name,
        name=request.actor.label,
        at=request.at,
        subject=subject,
        body=body,
    )


def _told(refusal: Refused) -> str:
    sentence, remedy = gettext(refusal.sentence), gettext(refusal.remedy)
    return f"{sentence.format(**refusal.values)} {remedy.format(**refusal.values)}"


routes = [
    path("letters/", listing, name="letters.listing"),
    path("letters/<uuid:letter_id>/resend/", resend, name="letters.resend"),
    path("letters/texts/", texts, name="letters.texts"),
    path("letters/texts/<slug:kind>/", edit, name="letters.edit"),
    path("letters/texts/<slug:kind>/reset/", reset, name="letters.reset"),
    path("letters/texts/<slug:kind>/test/", test, name="letters.test"),
]
