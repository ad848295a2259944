"""The first page of help: one search, whom it is for, what is asked most, and everything by volume (003-1, 003-2)."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from warifu.help.queries import articles
from warifu.help.rules.volumes import VOLUMES, Reader, Volume
from warifu.web.shared import visitor
from warifu.web.shared.doors import public

ASKED_MOST = {
    Reader.EMPLOYEE: ("password-forgotten", "mail-missing", "what-to-prepare", "blurred-picture", "past-due", "why"),
    Reader.ADMINISTRATOR: ("first-steps", "roster-file", "overdue-people", "not-arrived", "verify", "left-person"),
    Reader.OFFICE: ("entrustment-offer", "cockpit", "customer-persons", "folder-put", "folder-search", "folder-duty"),
}
"""The articles that newcomers need first, by their slugs."""


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """A volume and how many articles are in it."""

    volume: Volume
    count: int


@public
def page(request: HttpRequest) -> HttpResponse:
    """Where help begins."""
    organisation_id = visitor.organisation_of(request)
    counts = articles.counts(organisation_id=organisation_id)
    shelves = [Shelf(volume=one, count=counts.get(one.key, 0)) for one in VOLUMES]
    asked = [
        (reader, articles.titled(keys=[f"article:{slug}" for slug in slugs], organisation_id=organisation_id))
        for reader, slugs in ASKED_MOST.items()
    ]
    context = {"shelves": shelves, "asked": asked}
    return render(request, "helpcentre/start/page.html", context)


routes = [path("", page, name="start.page")]
