"""Addresses of version 1."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from warifu.api.v1 import agent, door, reference
from warifu.api.v1.api import api


def addresses() -> list[URLPattern]:
    """Every operation behind the door, the description in front of it, and an answer for all other addresses."""
    operations = [found for found in api.urls[0] if isinstance(found, URLPattern) and found.name != "api-root"]
    for found in operations:
        of_agent = str(found.pattern).startswith("agent/")
        found.callback = door.guarded(found.callback, let_in=agent.let_in if of_agent else door.by_token)
    return [
        path("openapi.json", reference.openapi, name="openapi"),
        path("docs", reference.page, name="docs"),
        *operations,
        re_path(r"^(?P<path>.*)$", door.nowhere, name="nowhere"),
    ]
