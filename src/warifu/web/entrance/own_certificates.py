"""One of one's own electronic certificates: what it says, and stopping it at once (000-35, B3)."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from warifu.credentials.actions import certificates
from warifu.credentials.queries.certificate_list import details
from warifu.organisations.rules import Permission
from warifu.web.shared.certificate_words import RevokeForm, shown
from warifu.web.shared.doors import Visit, door
from warifu.web.shared.words import WAY_NAMES


@door(Permission.OWN_RECORD)
@require_safe
def page(request: Visit, certificate_id: UUID) -> HttpResponse:
    """The certificate and what it says of itself (証明書表示)."""
    return _page(request, certificate_id, RevokeForm())


@door(Permission.OWN_RECORD, recent=True)
@require_POST
def revoke(request: Visit, certificate_id: UUID) -> HttpResponse:
    """Stop it at once, with a reason: a lost computer must not wait for anybody (C-05)."""
    form = RevokeForm(request.POST)
    found = details(organisation_id=request.organisation_id, certificate_id=certificate_id, member_id=request.member_id)
    if not form.is_valid():
        return _page(request, certificate_id, form, status=422)
    certificates.revoke(
        organisation_id=request.organisation_id,
        certificate_id=found.line.id,
        reason=form.cleaned_data["reason"],
        by=request.actor,
        at=request.at,
    )
    messages.success(request, gettext("電子証明書を失効させました。この電子証明書では、もうサインインできません。"))
    return redirect("entrance:security.page")


def _page(request: Visit, certificate_id: UUID, form: RevokeForm, *, status: int = 200) -> HttpResponse:
    found = details(organisation_id=request.organisation_id, certificate_id=certificate_id, member_id=request.member_id)
    context = {
        "found": found,
        "shown": shown(found.line, request.at),
        "way": WAY_NAMES[found.line.way],
        "form": form,
    }
    return render(request, "entrance/own_certificates/page.html", context, status=status)


routes = [
    path("certificates/<uuid:certificate_id>/", page, name="own_certificates.page"),
    path("certificates/<uuid:certificate_id>/revoke/", revoke, name="own_certificates.revoke"),
]
