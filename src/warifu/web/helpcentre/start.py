"""The first page of help."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from warifu.web.shared.doors import public


@public
def page(request: HttpRequest) -> HttpResponse:
    """Where help begins: the way through, what to do when something is refused, other ways to hand in."""
    return render(request, "helpcentre/start/page.html")


routes = [path("", page, name="start.page")]
