"""Addresses of the wing helpcentre: each module lists its own `routes`, named `<module>.<view>`."""

from __future__ import annotations

from warifu.web.helpcentre import articles, checklists, manual, refusals, screens, search, settings, start, volumes

app_name = "helpcentre"

urlpatterns = [
    *start.routes,
    *search.routes,
    *articles.routes,
    *volumes.routes,
    *manual.routes,
    *checklists.routes,
    *screens.routes,
    *settings.routes,
    *refusals.routes,
]
