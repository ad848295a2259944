"""The first page: which door is yours."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from warifu.web.shared.doors import public


@public
def page(request: HttpRequest) -> HttpResponse:
    """Two doors: for employees and for the office; the demo shows its mailbox as a third."""
    return render(request, "entrance/start/page.html", {"has_mailbox": settings.WARIFU.mode == "demo"})


routes = [path("", page, name="start.page")]
