"""What the authorities publish to everybody under /ca/ (RFC 5280, 6960): certificates, lists of the revoked, answers.

These doors are for programs, look at no cookie and change nothing.
"""

from __future__ import annotations

import base64
import binascii

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from warifu.credentials.queries import authorities

LONGEST_QUESTION = 4096
"""Bytes of an OCSP request; what is longer is not read."""


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """The root certificate, which a computer that trusts this installation installs."""
    return HttpResponse(authorities.root_certificate(), content_type="application/pkix-cert")


@require_safe
def certificate(request: HttpRequest, key_id: str) -> HttpResponse:
    """The certificate of an authority."""
    return HttpResponse(authorities.authority_certificate(key_id=key_id), content_type="application/pkix-cert")


@require_safe
def revocation_list(request: HttpRequest, key_id: str) -> HttpResponse:
    """The newest list of the revoked of an authority."""
    return HttpResponse(authorities.revocation_list(key_id=key_id), content_type="application/pkix-crl")


@csrf_exempt  # a question to which the answer is signed: nothing is changed, and no cookie is looked at
@require_http_methods(["GET", "POST"])
def ocsp(request: HttpRequest, question: str = "") -> HttpResponse:
    """Whether a certificate is good, revoked or unknown: asked by POST, or by GET in base64 (RFC 6960, A.1)."""
    asked = _posted(request) if request.method == "POST" else _in_path(question)
    answer = authorities.status_answer(question=asked, at=timezone.now())
    return HttpResponse(answer, content_type="application/ocsp-response")


def _posted(request: HttpRequest) -> bytes:
    return request.read(LONGEST_QUESTION + 1)[:LONGEST_QUESTION]


def _in_path(question: str) -> bytes:
    try:
        return base64.b64decode(question[: LONGEST_QUESTION * 2], validate=True)
    except (ValueError, binascii.Error):
        return b""
