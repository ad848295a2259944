"""Mails that come back: reading a delivery status notification (RFC 3464)."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage, Message

from warifu.notices import rules


@dataclass(frozen=True, kw_only=True)
class Returned:
    """Which letter came back for good, and why."""

    message_id: str
    reason: str


def read(content: bytes) -> Returned | None:
    """What a notification says; None when it is none, reports a mere delay, or does not name our letter."""
    message = email.message_from_bytes(content, policy=email.policy.default)
    status = _report(message)
    message_id = _original_id(message)
    if status is None or not message_id or status.get("Action", "").strip().lower() != "failed":
        return None
    diagnosis = str(status.get("Diagnostic-Code", "")).split(";", 1)[-1].strip()
    enhanced = str(status.get("Status", "")).strip()
    code = diagnosis[:3] if diagnosis[:3].isdigit() else enhanced[:1]
    text = diagnosis.removeprefix(code).strip() if diagnosis[:3].isdigit() else diagnosis
    if enhanced and enhanced not in text:
        text = f"{enhanced} {text}"
    return Returned(message_id=message_id, reason=rules.reason_of(code=code, text=text))


def _report(message: EmailMessage) -> Message | None:
    """The per-recipient fields that say what happened."""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            for fields in part.get_payload():
                if isinstance(fields, Message) and fields.get("Action"):
                    return fields
    return None


def _original_id(message: EmailMessage) -> str:
    """The Message-ID of the mail that came back, from the copy of it or of its headers."""
    for part in message.walk():
        if part.get_content_type() == "text/rfc822-headers":
            headers = part.get_payload(decode=True)
            copy = headers if isinstance(headers, bytes) else b""
            original = email.message_from_bytes(copy, policy=email.policy.default)
            return str(original.get("Message-ID", "")).strip()
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload(0) if part.is_multipart() else None
            return str(inner.get("Message-ID", "")).strip() if isinstance(inner, Message) else ""
    return ""
