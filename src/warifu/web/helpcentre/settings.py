"""Every setting of an installation, made from the settings themselves, for its operator (C3)."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from warifu.web.shared.doors import public


@public
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The names of all settings and what each is for; never a value."""
    listed = [
        (f"WARIFU_{name.upper()}", field.description or "")
        for name, field in type(settings.WARIFU).model_fields.items()
    ]
    return render(request, "helpcentre/settings/page.html", {"listed": listed})


routes = [path("settings/", page, name="settings.page")]
