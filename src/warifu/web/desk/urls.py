"""Addresses of the wing desk: each module lists its own `routes`, named `<module>.<view>`."""

from __future__ import annotations

from warifu.web.desk import (
    handling,
    home,
    invitations,
    letters,
    members,
    people,
    permissions,
    proxy_entry,
    rosters,
    settings,
    tokens,
    trail,
    verification,
)

app_name = "desk"

urlpatterns = [
    *home.routes,
    *rosters.routes,
    *invitations.routes,
    *people.routes,
    *proxy_entry.routes,
    *verification.routes,
    *letters.routes,
    *members.routes,
    *settings.routes,
    *handling.routes,
    *trail.routes,
    *tokens.routes,
    *permissions.routes,
]
