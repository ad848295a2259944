"""フォルダを見られる人と提出リンク: customers, auditors within a period and kinds, links for those without an ID."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from warifu.folders.actions import access, links
from warifu.folders.queries import folders as queries
from warifu.folders.rules.fields import Kind
from warifu.foundation.actor import Role
from warifu.foundation.days import JST
from warifu.foundation.refusals import Refused
from warifu.notices.actions.letters import AddressUnusable
from warifu.organisations import queries as organisations
from warifu.organisations.rules import Permission
from warifu.web.desk.folders import frame_of, reached_by
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.folder_forms import KINDS
from warifu.web.shared.forms import add_refusal


def _day(label: object) -> forms.DateField:
    return forms.DateField(label=label, required=False, widget=forms.DateInput({"type": "date"}))  # type: ignore[arg-type]


class AccessForm(forms.Form):
    """Whom to let in, and how far."""

    member = forms.TypedChoiceField(label=_("見られるようにする人"), coerce=UUID)
    way = forms.ChoiceField(
        label=_("見せ方"),
        choices=[(way.value, _(str(way.label))) for way in queries.Way],
        widget=forms.RadioSelect,
    )
    traded_from = _day(_("取引年月日（から・監査人だけ）"))
    traded_until = _day(_("取引年月日（まで・監査人だけ）"))
    kinds = forms.MultipleChoiceField(
        label=_("書類の種類（監査人だけ。選ばなければすべて）"),
        choices=KINDS,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    valid_until = _day(_("見られる最後の日"))

    def __init__(self, data: QueryDict | None, *, organisation_id: UUID) -> None:
        super().__init__(data)
        people = organisations.office_members(organisation_id=organisation_id)
        fitting = [person for person in people if person.roles & (Role.CUSTOMER | Role.AUDITOR)]
        self.fields["member"].choices = [  # type: ignore[attr-defined]
            ("", _("選んでください")),
            *((str(person.id), person.full_name) for person in fitting),
        ]


class LinkForm(forms.Form):
    """Who hands in by a link, until when, how much."""

    name = forms.CharField(label=_("提出する人の名前"), max_length=100, help_text=_("受け取った記録に残ります。"))
    mail = forms.EmailField(
        label=_("メールアドレス"), required=False, help_text=_("入れると、リンクをメールでも送ります。")
    )
    days = forms.TypedChoiceField(
        label=_("使える日数"),
        coerce=int,
        choices=[(count, format_lazy(_("{count}日間"), count=count)) for count in (3, 7, 14, 30, 90)],
        initial=14,
    )
    most_files = forms.IntegerField(label=_("件数の上限"), min_value=1, max_value=links.MOST_FILES, initial=50)


@door(Permission.FOLDERS_MANAGE)
def page(request: Visit, folder_id: UUID) -> HttpResponse:
    """Who reaches the folder beside the office's own people."""
    reached = reached_by(request, folder_id, Permission.FOLDERS_MANAGE)
    form = AccessForm(request.POST or None, organisation_id=request.organisation_id)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            access.give(
                organisation_id=request.organisation_id,
                folder_id=folder_id,
                member_id=typed["member"],
                way=queries.Way(typed["way"]),
                traded_from=typed["traded_from"],
                traded_until=typed["traded_until"],
                kinds=[Kind(kind) for kind in typed["kinds"]],
                valid_until=typed["valid_until"],
                by=request.actor,
                at=request.at,
            )
        except (access.RoleMissing, access.AccessGivenBefore, access.PeriodWrong) as refusal:
            add_refusal(form, refusal, "traded_until" if isinstance(refusal, access.PeriodWrong) else "member")
        else:
            messages.success(request, gettext("見られる人を加えました。"))
            return redirect("desk:folder_access.page", folder_id=folder_id)
    context = {**frame_of(request, reached), "form": form, "lines": queries.accesses(reached=reached)}
    return render(request, "desk/folder_access/page.html", context, status=422 if form.errors else 200)


@door(Permission.FOLDERS_MANAGE)
@require_POST
def end(request: Visit, folder_id: UUID, access_id: UUID) -> HttpResponse:
    """Take an access back."""
    access.end(
        organisation_id=request.organisation_id,
        folder_id=folder_id,
        access_id=access_id,
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("見られる人から外しました。"))
    return redirect("desk:folder_access.page", folder_id=folder_id)


@door(Permission.FOLDERS_FILE)
def link_list(request: Visit, folder_id: UUID) -> HttpResponse:
    """Links for clients without an ID; a new one is shown once."""
    reached = reached_by(request, folder_id, Permission.FOLDERS_FILE)
    form = LinkForm(request.POST or None)
    address = ""
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        last = request.at.astimezone(JST).date() + timedelta(days=typed["days"] - 1)
        try:
            address = links.make(
                organisation_id=request.organisation_id,
                folder_id=folder_id,
                name=typed["name"],
                mail=typed["mail"],
                valid_until=datetime.combine(last, time(23, 59), JST),
                most_files=typed["most_files"],
                by=request.actor,
                at=request.at,
            )
        except (links.LinkWrong, AddressUnusable) as refusal:
            add_refusal(form, refusal, "mail" if isinstance(refusal, AddressUnusable) else "name")
        except Refused as refusal:
            add_refusal(form, refusal, "name")
        else:
            form = LinkForm()
    context = {
        **frame_of(request, reached),
        "form": form,
        "address": address,
        "lines": queries.links(reached=reached, at=request.at),
    }
    return render(request, "desk/folder_access/link_list.html", context, status=422 if form.errors else 200)


@door(Permission.FOLDERS_FILE)
@require_POST
def end_link(request: Visit, folder_id: UUID, link_id: UUID) -> HttpResponse:
    """Stop a link."""
    links.end(
        organisation_id=request.organisation_id, folder_id=folder_id, link_id=link_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("提出リンクを止めました。"))
    return redirect("desk:folder_access.link_list", folder_id=folder_id)


routes = [
    path("folders/<uuid:folder_id>/access/", page, name="folder_access.page"),
    path("folders/<uuid:folder_id>/access/<uuid:access_id>/end/", end, name="folder_access.end"),
    path("folders/<uuid:folder_id>/links/", link_list, name="folder_access.link_list"),
    path("folders/<uuid:folder_id>/links/<uuid:link_id>/end/", end_link, name="folder_access.end_link"),
]
