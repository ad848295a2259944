"""Recovery codes: made and shown once (L-20)."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path

from warifu.credentials.actions import recovery
from warifu.credentials.queries.factors import factors_of
from warifu.web.entrance.factors import factor_door, wanted_of
from warifu.web.shared.doors import Visit


@factor_door
def make(request: Visit) -> HttpResponse:
    """Say what the codes are for; the button makes ten new ones, which are shown in its answer and never again."""
    if request.method == "POST":
        codes = recovery.make(organisation_id=request.organisation_id, by=request.actor, at=request.at)
        context = {"codes": codes, "next": wanted_of(request), "made_at": request.at}
        return render(request, "entrance/recovery/codes.html", context)
    mine = factors_of(organisation_id=request.organisation_id, member_id=request.member_id)
    return render(request, "entrance/recovery/make.html", {"left": mine.codes_left, "next": wanted_of(request)})


routes = [path("recovery/", make, name="recovery.make")]
