"""Addresses of the API, by version."""

from __future__ import annotations

from django.urls import include, path

from warifu.api.v1.urls import addresses

urlpatterns = [path("v1/", include((addresses(), "api-v1")))]
