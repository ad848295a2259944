"""Addresses of the wing helpcentre: each module lists its own `routes`."""

from __future__ import annotations

app_name = "helpcentre"

urlpatterns: list = []
