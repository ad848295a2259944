"""Who carries a text message away: a provider over HTTPS, or the practice phone of the demo.

The provider's protocol is written down in docs/operations/texting.md. Every try of one message carries the same id, and
the provider sends a message of one id once; so a try whose answer did not come back is simply made again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

import httpx
from django.conf import settings

from warifu.foundation.masking import mask_numbers
from warifu.foundation.refusals import translatable as _
from warifu.notices.carriers import Outcome
from warifu.notices.models import PhoneMessage

_TIMES = httpx.Timeout(10.0, connect=5.0)
_LONGEST_ANSWER = 4096
_LONGEST_WAIT = timedelta(minutes=10)
_REFUSED = frozenset({400, 404, 410, 422})
_LOCKED_OUT = frozenset({401, 403})


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text message that is ready to leave; it is never logged, for it holds a code."""

    id: UUID
    to_phone: str
    words: str
    at: datetime

    def __repr__(self) -> str:
        return f"Text({self.id})"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What became of one try, why, and how long the provider wants to be left alone."""

    outcome: Outcome
    reason: str = ""
    wait: timedelta = timedelta(0)


class Provider(Protocol):
    """Takes text messages."""

    def take(self, text: Text) -> Answer:
        """Try to hand over one message: accepted, refused for good, or not now."""
        ...


def choose() -> Provider | None:
    """The provider of this installation, or None; practice never writes to the outside."""
    environment = settings.WARIFU
    if environment.mode == "demo" or (environment.mode == "test" and not environment.sms_url):
        return PracticePhone()
    if not environment.sms_url:
        return None
    return HttpProvider(
        address=environment.sms_url,
        token=environment.sms_token.get_secret_value(),
        sender=environment.sms_from,
    )


class PracticePhone:
    """練習用の電話: keeps each message as a row, once, under its id."""

    def take(self, text: Text) -> Answer:
        """Put the message on the phone's page."""
        PhoneMessage.objects.get_or_create(
            id=text.id, defaults={"to_phone": text.to_phone, "text": text.words, "at": text.at}
        )
        return Answer(outcome=Outcome.ACCEPTED)


@dataclass(frozen=True, kw_only=True)
class HttpProvider:
    """A provider that takes JSON over HTTPS; certificates are verified, redirects are not followed."""

    address: str
    token: str
    sender: str

    def take(self, text: Text) -> Answer:
        """POST one message and read what became of it; every doubt is «not now», for the id makes a repeat harmless."""
        body = {"id": str(text.id), "from": self.sender, "to": text.to_phone, "text": text.words}
        headers = {"Authorization": f"Bearer {self.token}", "Idempotency-Key": str(text.id)}
        try:
            with (
                httpx.Client(timeout=_TIMES, follow_redirects=False, trust_env=False) as client,
                client.stream("POST", self.address, json=body, headers=headers) as response,
            ):
                said = _beginning_of(response)
                return _answer(response, said)
        except httpx.TimeoutException:
            return _not_now(_("SMSの事業者の答えが、時間内に届きませんでした。"))
        except httpx.HTTPError as error:
            return _not_now(_("SMSの事業者につながりません。"), type(error).__name__)


def _beginning_of(response: httpx.Response) -> str:
    said = b""
    for piece in response.iter_bytes():
        said += piece
        if len(said) > _LONGEST_ANSWER:
            break
    return said[:_LONGEST_ANSWER].decode("utf-8", "replace")


def _answer(response: httpx.Response, said: str) -> Answer:
    status = response.status_code
    if response.is_success or status == httpx.codes.CONFLICT:
        return Answer(outcome=Outcome.ACCEPTED)
    detail = f"{status} {_printable(said)}".strip()
    if status in _REFUSED:
        return Answer(outcome=Outcome.REFUSED, reason=f"{_('この番号には送れませんでした。')}({detail})")
    if status in _LOCKED_OUT:
        return _not_now(_("SMSの事業者に、鍵を断られました。運用者は設定を確かめてください。"), detail)
    return _not_now(_("SMSの事業者が、いまは受け取れないと答えました。"), detail, wait=_wait_of(response))


def _not_now(reason: str, detail: str = "", *, wait: timedelta = timedelta(0)) -> Answer:
    return Answer(outcome=Outcome.NOT_NOW, reason=f"{reason}({detail})" if detail else reason, wait=wait)


def _wait_of(response: httpx.Response) -> timedelta:
    asked = response.headers.get("Retry-After", "")
    return min(timedelta(seconds=int(asked)), _LONGEST_WAIT) if asked.isdecimal() else timedelta(0)


def _printable(said: str) -> str:
    return mask_numbers(" ".join("".join(sign if sign.isprintable() else " " for sign in said).split()))[:120]
