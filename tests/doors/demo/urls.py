"""The addresses of a demo: those of the house, and the wing that only a demo opens."""

from __future__ import annotations

from django.urls import include, path

from warifu.config import urls

urlpatterns = [*urls.urlpatterns, path("demo/", include("warifu.web.demo.urls"))]
handler404 = urls.handler404
