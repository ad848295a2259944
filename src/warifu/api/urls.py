"""Addresses of the API, by version."""

from __future__ import annotations

urlpatterns: list = []
