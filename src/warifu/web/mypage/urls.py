"""Addresses of the wing mypage: each module lists its own `routes`."""

from __future__ import annotations

app_name = "mypage"

urlpatterns: list = []
