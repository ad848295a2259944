"""Addresses of the wing review: each module lists its own `routes`, named `<module>.<view>`."""

from __future__ import annotations

from warifu.web.review import applications, billing, card_batches, licences, mykey, products

app_name = "review"

urlpatterns = [
    *applications.routes,
    *billing.routes,
    *products.routes,
    *card_batches.routes,
    *licences.routes,
    *mykey.routes,
]
