"""練習用の電話: the authenticator apps and text messages of the demo's people, readable by everybody (D2)."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pyotp
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from warifu.credentials.actions.authenticators import STEP
from warifu.notices import queries as notices
from warifu.web.shared.doors import public


@dataclass(frozen=True, kw_only=True)
class App:
    """The authenticator app of one person: whose it is, and the six digits of this moment."""

    name: str
    user: str
    code: str


@public
def page(request: HttpRequest) -> HttpResponse:
    """Everybody's six digits, for how many seconds they are the newest, and the text messages."""
    at = request.at  # type: ignore[attr-defined]
    file = settings.WARIFU.practice_phone_file
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    apps = [App(name=app["name"], user=app["user"], code=pyotp.TOTP(app["secret"]).at(at)) for app in kept]
    context = {
        "apps": apps,
        "seconds": STEP - int(at.timestamp()) % STEP,
        "step": STEP,
        "texts": notices.phone_messages(),
    }
    return render(request, "demo/phone/page.html", context)


routes = [path("phone/", page, name="phone.page")]
