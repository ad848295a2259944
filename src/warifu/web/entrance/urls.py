"""Addresses of the wing entrance: each module lists its own `routes`, named `<module>.<view>`."""

from __future__ import annotations

from warifu.web.entrance import activation, forgotten, language, password, relogin, session, signin, start, stepup

app_name = "entrance"

urlpatterns = [
    *start.routes,
    *activation.routes,
    *signin.routes,
    *forgotten.routes,
    *relogin.routes,
    *stepup.routes,
    *session.routes,
    *password.routes,
    *language.routes,
]
