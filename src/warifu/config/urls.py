"""All addresses of the house, by wing."""

from __future__ import annotations

from django.conf import settings
from django.urls import include, path

from warifu.config import authority, health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("ca/root.crt", authority.root, name="ca.root"),
    path("ca/ocsp", authority.ocsp, name="ca.ocsp"),
    path("ca/ocsp/<path:question>", authority.ocsp, name="ca.ocsp_get"),
    path("ca/<slug:key_id>.crt", authority.certificate, name="ca.certificate"),
    path("ca/<slug:key_id>.crl", authority.revocation_list, name="ca.revocation_list"),
    path("", include("warifu.web.entrance.urls")),
    path("my/", include("warifu.web.mypage.urls")),
    path("desk/", include("warifu.web.desk.urls")),
    path("review/", include("warifu.web.review.urls")),
    path("help/", include("warifu.web.helpcentre.urls")),
    path("api/", include("warifu.api.urls")),
    path("scim/v2/", include("warifu.api.scim")),
    path("", include("warifu.api.oidc")),
]
if settings.WARIFU.mode == "demo":
    urlpatterns.append(path("demo/", include("warifu.web.demo.urls")))

handler400 = "warifu.web.shared.refusals.bad_request"
handler404 = "warifu.web.shared.refusals.not_found"
handler500 = "warifu.web.shared.refusals.fault"
