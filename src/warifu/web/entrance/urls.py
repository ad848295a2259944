"""Addresses of the wing entrance: each module lists its own `routes`, named `<module>.<view>`."""

from __future__ import annotations

from warifu.web.entrance import (
    activation,
    authenticators,
    certificate,
    external,
    factors,
    first,
    forgotten,
    history,
    language,
    mail_change,
    passkeys,
    password,
    recovery,
    relogin,
    reset_phone,
    security,
    self_reset,
    session,
    sharing,
    signin,
    slips,
    start,
    stepup,
)

app_name = "entrance"

urlpatterns = [
    *start.routes,
    *activation.routes,
    *first.routes,
    *signin.routes,
    *external.routes,
    *sharing.routes,
    *forgotten.routes,
    *relogin.routes,
    *stepup.routes,
    *factors.routes,
    *passkeys.routes,
    *authenticators.routes,
    *recovery.routes,
    *certificate.routes,
    *security.routes,
    *history.routes,
    *mail_change.routes,
    *session.routes,
    *password.routes,
    *reset_phone.routes,
    *self_reset.routes,
    *slips.routes,
    *language.routes,
]
