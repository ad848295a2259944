"""What an electronic certificate is needed for, and how to get one that the browser shows (B5)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from warifu.web.shared.doors import public


@public
def needed(request: HttpRequest) -> HttpResponse:
    """How to come by a certificate and make the browser show it; the same page as a closed door's."""
    return render(request, "entrance/certificate/needed.html")


routes = [path("certificate/", needed, name="certificate.needed")]
