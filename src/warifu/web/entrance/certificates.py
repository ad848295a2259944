"""電子証明書の取得, in three ways: the program, this browser, or a file made by the server (000-31 … 000-36, C-03).

A certificate counts as a second factor, so more than a password is shown before one is made: the second factor of
whoever has one, a mailed code of everybody else (000-28, L-09).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from warifu.credentials.actions import attempts, certificate_files, enrolment
from warifu.credentials.queries import certificates as queries
from warifu.credentials.queries import enrolment as offers
from warifu.credentials.rules.certificates import COMMON_NAME_LENGTH
from warifu.credentials.rules.codes import CodeNotAccepted
from warifu.credentials.rules.enrolment import has_shown_enough
from warifu.credentials.rules.sessions import browser_name
from warifu.foundation.days import jst_day
from warifu.foundation.refusals import Refused
from warifu.web.entrance.factors import factor_door, wanted_of
from warifu.web.entrance.signin import CodeForm
from warifu.web.shared import agent_package, visitor
from warifu.web.shared.doors import Visit, public
from warifu.web.shared.forms import add_refusal


class CertificateForm(forms.Form):
    """What is written into the certificate, and what it replaces."""

    replaces = forms.ChoiceField(
        label=_("新規か更新か"),
        required=False,
        widget=forms.RadioSelect,
        help_text=_("更新しても、鍵は新しく作ります。"),
    )
    issued_to = forms.CharField(
        label=_("発行先の名前"),
        max_length=COMMON_NAME_LENGTH,
        help_text=_("電子証明書に書かれる名前です。申し込んだとおりの名前(会社の英語表記など)にしてください。"),
        error_messages={"required": _("発行先の名前を入れてください。")},
    )
    device_name = forms.CharField(
        label=_("端末の名前"),
        max_length=60,
        help_text=_("あとから見分けるための名前です。例: 経理のノートパソコン"),
        error_messages={"required": _("端末の名前を入れてください。")},
    )

    def __init__(self, *args: Any, offer: offers.Offer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issued_to"].initial = offer.issued_to
        renewals = [
            (
                str(one.id),
                gettext("更新: {name}({until}まで)").format(name=_called(one), until=jst_day(one.valid_until)),
            )
            for one in offer.renewable
        ]
        replaces = self.fields["replaces"]
        assert isinstance(replaces, forms.ChoiceField)  # noqa: S101
        replaces.choices = [("", gettext("新規")), *renewals]
        replaces.initial = renewals[0][0] if renewals else ""
        if not renewals:
            del self.fields["replaces"]

    @property
    def values(self) -> dict[str, Any]:
        """The values as the actions take them."""
        chosen = self.cleaned_data.get("replaces")
        return {
            "issued_to": self.cleaned_data["issued_to"],
            "device_name": self.cleaned_data["device_name"],
            "replaces": UUID(chosen) if chosen else None,
        }


def proven_door(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """A screen for whoever has shown more than a password in this session, a moment ago."""

    @factor_door
    @wraps(view)
    def entered(request: Visit, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not has_shown_enough(factors=_shown(request), level=request.actor.level):
            back = urlencode({"next": request.get_full_path() if request.method == "GET" else ""})
            return redirect(f"{reverse('entrance:certificates.prove')}?{back}")
        return view(request, *args, **kwargs)

    return entered


@factor_door
@sensitive_post_parameters("code")
def prove(request: Visit) -> HttpResponse:
    """Show that the registered mailbox is read: a code is mailed by a button, and typed here."""
    form = CodeForm(request.POST or None, initial={"next": wanted_of(request)})
    if request.method == "POST" and form.is_valid():
        try:
            token = enrolment.prove_mailbox(
                session_id=request.session_id,
                code=form.cleaned_data["code"],
                address=visitor.address_of(request),
                by=request.actor,
                at=request.at,
            )
        except (CodeNotAccepted, attempts.TooManyAttempts) as refusal:
            add_refusal(form, refusal, "code")
        else:
            response = redirect(wanted_of(request) or "entrance:certificates.enrol")
            visitor.keep_session(response, token)
            return response
    awaited = enrolment.awaited_code(session_id=request.session_id, by=request.actor, at=request.at)
    context = {"form": form, "next": wanted_of(request), "awaited": awaited}
    return render(request, "entrance/certificates/prove.html", context, status=422 if form.errors else 200)


@factor_door
@require_POST
def send_code(request: Visit) -> HttpResponse:
    """Mail a code; the one before is dead."""
    enrolment.send_code(
        organisation_id=request.organisation_id, session_id=request.session_id, by=request.actor, at=request.at
    )
    messages.success(request, gettext("メール確認コードを送りました。"))
    return redirect(f"{reverse('entrance:certificates.prove')}?{urlencode({'next': wanted_of(request)})}")


@proven_door
def enrol(request: Visit) -> HttpResponse:
    """The three ways: what each needs, and for whom it is best."""
    context = {
        "offer": _offer(request),
        "site_url": settings.WARIFU.site_url,
        "code": request.warifu_session.organisation_code,  # type: ignore[attr-defined]
        "package": agent_package.file_name(),
    }
    return render(request, "entrance/certificates/enrol.html", context)


@public
def tool(request: HttpRequest) -> HttpResponse:
    """The program as a package that Python's own installer takes; it holds nothing of this installation."""
    response = HttpResponse(agent_package.content(), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{agent_package.file_name()}"'
    return response


@proven_door
def in_browser(request: Visit) -> HttpResponse:
    """The form of the way in the browser; its script makes key, request and file."""
    form = CertificateForm(offer=_offer(request), initial={"device_name": _device(request)})
    return render(request, "entrance/certificates/in_browser.html", {"form": form})


@proven_door
@require_POST
def sign(request: Visit) -> HttpResponse:
    """Sign the request of the browser's key; the answer is JSON for its script."""
    form = CertificateForm(request.POST, offer=_offer(request))
    if not form.is_valid():
        words = " ".join(str(error) for errors in form.errors.values() for error in errors)
        return JsonResponse({"sentence": words, "remedy": ""}, status=422)
    try:
        made = enrolment.certify_in_browser(
            organisation_id=request.organisation_id,
            shown=_shown(request),
            csr=_bytes(request.POST.get("csr", "")),
            by=request.actor,
            at=request.at,
            **form.values,
        )
    except Refused as refusal:
        return JsonResponse(
            {
                "code": refusal.code,
                "sentence": gettext(refusal.sentence).format(**refusal.values),
                "remedy": gettext(refusal.remedy).format(**refusal.values),
            },
            status=refusal.status,
        )
    certificate, *chain = (base64.b64encode(der).decode() for der in (made.der, *made.chain))
    return JsonResponse({"certificate": certificate, "chain": chain, "serial": made.serial})


@proven_door
def ask_file(request: Visit) -> HttpResponse:
    """Ask the server for a file; it is made when it is taken."""
    form = CertificateForm(request.POST or None, offer=_offer(request), initial={"device_name": _device(request)})
    if request.method == "POST" and form.is_valid():
        enrolment_id = certificate_files.ask(
            organisation_id=request.organisation_id,
            shown=_shown(request),
            by=request.actor,
            at=request.at,
            **form.values,
        )
        return redirect("entrance:certificates.file", enrolment_id=enrolment_id)
    context = {"form": form, "mail": _offer(request).mail}
    return render(request, "entrance/certificates/ask_file.html", context, status=422 if form.errors else 200)


@proven_door
def file(request: Visit, enrolment_id: UUID) -> HttpResponse:
    """The page from which the file is taken, once."""
    asked = certificate_files.asked(
        organisation_id=request.organisation_id, enrolment_id=enrolment_id, by=request.actor, at=request.at
    )
    return render(request, "entrance/certificates/file.html", {"asked": asked, "enrolment_id": enrolment_id})


@proven_door
@require_POST
def take_file(request: Visit, enrolment_id: UUID) -> HttpResponse:
    """The file, in this answer and never again; its password leaves by mail."""
    taken = certificate_files.take(
        organisation_id=request.organisation_id, enrolment_id=enrolment_id, by=request.actor, at=request.at
    )
    response = HttpResponse(taken.content, content_type="application/x-pkcs12")
    response["Content-Disposition"] = f'attachment; filename="{taken.name}"'
    return response


def _shown(request: Visit) -> tuple[str, ...]:
    found: tuple[str, ...] = request.warifu_session.factors  # type: ignore[attr-defined]
    return found


def _offer(request: Visit) -> offers.Offer:
    return offers.offer(organisation_id=request.organisation_id, member_id=request.member_id, at=request.at)


def _device(request: Visit) -> str:
    return browser_name(request.headers.get("User-Agent", ""))


def _called(line: queries.CertificateLine) -> str:
    return line.device_name or line.issued_to


def _bytes(text: str) -> bytes:
    """The request's bytes; what is no Base64 becomes a request that nobody can read."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


routes = [
    path("certificates/obtain/", enrol, name="certificates.enrol"),
    path("certificates/prove/", prove, name="certificates.prove"),
    path("certificates/prove/send/", send_code, name="certificates.send_code"),
    path("certificates/obtain/browser/", in_browser, name="certificates.in_browser"),
    path("certificates/obtain/browser/sign/", sign, name="certificates.sign"),
    path("certificates/obtain/file/", ask_file, name="certificates.ask_file"),
    path("certificates/obtain/file/<uuid:enrolment_id>/", file, name="certificates.file"),
    path("certificates/obtain/file/<uuid:enrolment_id>/take/", take_file, name="certificates.take_file"),
    path("certificates/tool/", tool, name="certificates.tool"),
]
