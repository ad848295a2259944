"""Addresses of the wing demo: each module lists its own `routes`, named `<module>.<view>`."""

from __future__ import annotations

from warifu.web.demo import gallery, mailbox, phone

app_name = "demo"

urlpatterns = [
    *mailbox.routes,
    *phone.routes,
    *gallery.routes,
]
