"""Addresses of the wing helpcentre: each module lists its own `routes`, named `<module>.<view>`."""

from __future__ import annotations

from warifu.web.helpcentre import refusals, start

app_name = "helpcentre"

urlpatterns = [
    *start.routes,
    *refusals.routes,
]
