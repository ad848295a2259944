"""Addresses of the wing review: each module lists its own `routes`, named `<module>.<view>`."""

from __future__ import annotations

from warifu.web.review import applications

app_name = "review"

urlpatterns = [*applications.routes]
