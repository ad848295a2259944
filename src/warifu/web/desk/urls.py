"""Addresses of the wing desk: each module lists its own `routes`."""

from __future__ import annotations

app_name = "desk"

urlpatterns: list = []
