"""The electronic certificate of a request: what it opens, and what is said when it does not (C-04, C-05, B5).

A session that a certificate opened is worth nothing without it: whoever copied the cookie stands before a closed door,
while the browser that still shows the certificate goes on. Whether it still holds is asked at every request.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from django.http import HttpRequest

from warifu.credentials.actions import certificates
from warifu.credentials.actions.certificates import Presented
from warifu.credentials.queries.sessions import LivingSession
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.web.shared import visitor


class CertificateRefused(Refused):
    """A door stays closed for want of an electronic certificate; its page says how to get one."""

    status = 403
    template: ClassVar[str] = "entrance/certificate/needed.html"


class CertificateNeeded(CertificateRefused):
    """The organisation opens its desk only to browsers that show the person's own certificate (B5)."""

    code = "WF-S651"
    sentence = _("この画面は、電子証明書を入れた端末でだけ開けます。")
    remedy = _("あなたの電子証明書をこの端末に入れ、ブラウザーをすべて閉じてから、もう一度開いてください。")


class CertificateOfAnother(CertificateRefused):
    """The certificate that the browser shows belongs to somebody else."""

    code = "WF-S652"
    sentence = _("ほかの人の電子証明書が選ばれています。")
    remedy = _("ブラウザーをすべて閉じて開き直し、あなたの電子証明書を選んでください。")


class CertificateGone(CertificateRefused):
    """The session was opened with a certificate that the browser does not show any more."""

    code = "WF-S653"
    sentence = _("サインインしたときの電子証明書が示されていません。")
    remedy = _("ブラウザーをすべて閉じて開き直し、電子証明書を選んでから、もう一度サインインしてください。")


class CertificateNotValid(CertificateRefused):
    """The certificate that the browser shows is revoked, ended or replaced."""

    code = "WF-S654"
    sentence = _("この電子証明書は、失効したか期限が切れたため使えません。")
    remedy = _("新しい電子証明書を取り、ブラウザーをすべて閉じて開き直してから、もう一度サインインしてください。")


def shown_by(request: HttpRequest, at: datetime) -> Presented | None:
    """Whose certificate a request's connection shows, if it holds. At most one query, none without a certificate."""
    der = visitor.certificate_of(request)
    return certificates.presented(der=der, at=at) if der else None


def is_proven(session: LivingSession, shown: Presented | None) -> bool:
    """Whether the certificate that opened a session is still shown; sessions opened without one need none."""
    return session.certificate_id is None or (shown is not None and shown.id == session.certificate_id)


def insist_on_session(request: HttpRequest) -> None:
    """Tell somebody who came with a session why it is closed to them, if that is for the certificate's sake.

    Raises `CertificateNotValid`, `CertificateGone`.
    """
    shown = getattr(request, "warifu_certificate", None)
    if visitor.has_session(request) and shown is None and visitor.certificate_of(request):
        raise CertificateNotValid
    if getattr(request, "warifu_unproven", None) is not None:
        raise CertificateGone


def insist_on_own(request: HttpRequest, session: LivingSession) -> None:
    """Demand the person's own certificate.

    Raises `CertificateNeeded`, `CertificateOfAnother`, `CertificateNotValid`.
    """
    shown = getattr(request, "warifu_certificate", None)
    if shown is None:
        raise CertificateNotValid if visitor.certificate_of(request) else CertificateNeeded
    if (shown.member_id, shown.organisation_id) != (session.member_id, session.organisation_id):
        raise CertificateOfAnother
