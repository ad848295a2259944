"""Addresses of the wing entrance: each module lists its own `routes`."""

from __future__ import annotations

app_name = "entrance"

urlpatterns: list = []
