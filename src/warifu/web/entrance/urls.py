"""Addresses of the wing entrance: each module lists its own `routes`, named `<module>.<view>`."""

from __future__ import annotations

from warifu.web.entrance import activation, language, relogin, session, signin, start

app_name = "entrance"

urlpatterns = [
    *start.routes,
    *activation.routes,
    *signin.routes,
    *relogin.routes,
    *session.routes,
    *language.routes,
]
