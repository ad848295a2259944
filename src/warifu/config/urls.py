"""All addresses of the house, by wing."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from warifu.config import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("", include("warifu.web.entrance.urls")),
    path("my/", include("warifu.web.mypage.urls")),
    path("desk/", include("warifu.web.desk.urls")),
    path("help/", include("warifu.web.helpcentre.urls")),
    path("api/", include("warifu.api.urls")),
]
if settings.WARIFU.mode == "demo":
    urlpatterns.append(path("demo/", include("warifu.web.demo.urls")))

handler400 = "warifu.web.shared.refusals.bad_request"
handler404 = "warifu.web.shared.refusals.not_found"
handler500 = "warifu.web.shared.refusals.fault"
