"""Addresses of the wing demo: each module lists its own `routes`."""

from __future__ import annotations

app_name = "demo"

urlpatterns: list = []
