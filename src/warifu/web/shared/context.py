"""What the frame around every page needs to know."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def frame(request: HttpRequest) -> dict[str, Any]:
    """Template context of the frame: the session (or None), whether this is practice, and the navigation."""
    session = getattr(request, "warifu_session", None)
    return {"session": session, "is_practice": not settings.WARIFU.is_production}
