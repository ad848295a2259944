"""Addresses of the wing mypage: each module lists its own `routes`, named `<module>.<view>`."""

from __future__ import annotations

from warifu.web.mypage import card, customers, family, home, mykey, pictures, record, sealed_notices, submission

app_name = "mypage"

urlpatterns = [
    *home.routes,
    *submission.routes,
    *family.routes,
    *pictures.routes,
    *record.routes,
    *sealed_notices.routes,
    *customers.routes,
    *card.routes,
    *mykey.routes,
]
