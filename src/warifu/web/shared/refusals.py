"""Refusals and faults as pages: the one handler of the web door."""

from __future__ import annotations

import sys

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext

from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _

log = structlog.get_logger("warifu.faults")


class FormNotTrusted(Refused):
    """The form's token is missing or stale (V-08)."""

    code = "WF-A403"
    sentence = _("画面が古くなったため、送信を受け付けられませんでした。")
    remedy = _("前の画面に戻って読み込み直し、もう一度送ってください。入力した番号は保存されていません。")
    status = 403


class BadRequest(Refused):
    """The request itself cannot be read."""

    code = "WF-A400"
    sentence = _("送られた内容を読み取れませんでした。")
    remedy = _("前の画面に戻り、もう一度お試しください。")
    status = 400


def in_words(refusal: Refused) -> dict[str, str]:
    """A refusal in the reader's words: its code, what happened, and what to do next."""
    sentence, remedy = refusal.said(gettext)
    return {"code": refusal.code, "sentence": sentence, "remedy": remedy}


def said(refusal: Refused) -> str:
    """A refusal in the reader's words, as one text beside a form (no space between Japanese sentences)."""
    return ("" if get_language() == "ja" else " ").join(refusal.said(gettext))


def page(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """The page of a refusal: what happened, what to do next, the code, and a link to its article."""
    template = getattr(refusal, "template", "shared/refusal.html")
    return render(request, template, {"refusal": in_words(refusal)}, status=refusal.status)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page for addresses that lead nowhere."""
    return page(request, NotFound())


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page for requests that cannot be read."""
    return page(request, BadRequest())


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for forms whose token does not fit."""
    return page(request, FormNotTrusted())


def fault(request: HttpRequest) -> HttpResponse:
    """The page for anything unforeseen: a reference number and nothing else; the log has the trace."""
    reference = getattr(request, "reference", "-")
    view = request.resolver_match.view_name if request.resolver_match else ""
    log.error("fault", reference=reference, view=view, exc_info=sys.exception())
    return render(request, "shared/fault.html", {"reference": reference}, status=500)
