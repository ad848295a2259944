"""The server: sign-in by stages, what can be obtained, and the request for a certificate."""

from __future__ import annotations

import base64
import platform
import ssl
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from warifu_agent import __version__
from warifu_agent.faults import NotWarifu, Refused, RootUnreadable, Unprotected, Unreachable, Untrusted
from warifu_agent.words import Language

PATIENCE = 30.0
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True, kw_only=True)
class Step:
    """What the sign-in wants next: `password`, `second` or `code`; `done` when it is over and `token` is there."""

    stage: str
    mail: str = ""
    second: tuple[str, ...] = ()
    token: str = ""


@dataclass(frozen=True, kw_only=True)
class Renewable:
    """A certificate that can be replaced by a new one."""

    id: str
    issued_to: str
    device_name: str
    serial: str
    valid_until: datetime


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What this person can obtain."""

    organisation_name: str
    person_name: str
    issued_to: str
    renewable: tuple[Renewable, ...]


@dataclass(frozen=True, kw_only=True)
class Issued:
    """What came back: PEM texts."""

    id: str
    certificate: str
    chain: list[str]


@dataclass(frozen=True, kw_only=True)
class Pulled:
    """What a page's code stands for. `purpose` is signed as it came; `order` may be empty."""

    process: str
    organisation: str
    order: str
    nonce: str
    purpose: str
    origin: str


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of an answer: `done`, or `waiting` for something that takes longer."""

    state: str
    sentence: str
    remedy: str
    known_code: str


class Server:
    """One installation, spoken to over https (or over http on this very computer, for trials)."""

    def __init__(self, address: str, *, language: Language, ca: Path | None = None) -> None:
        """Raises `Unprotected`, and `RootUnreadable`."""
        self.address = address.strip().rstrip("/")
        parts = urlsplit(self.address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise Unprotected(address=self.address)
        try:
            trust = ssl.create_default_context(cafile=ca)
        except (OSError, ssl.SSLError):
            raise RootUnreadable(path=ca) from None
        self._client = httpx.Client(
            base_url=f"{self.address}/api/v1/agent",
            verify=trust,
            timeout=PATIENCE,
            headers={
                "User-Agent": f"warifu-agent/{__version__} ({platform.system()})",
                "Accept-Language": language,
            },
        )

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def begin(self, *, organisation: str, identifier: str) -> str:
        """Begin a sign-in; returns the token of the process."""
        answer = self._send("POST", "/sign-in", {"organisation": organisation, "identifier": identifier})
        return self._text(answer, "process")

    def answer(self, *, process: str, stage: str, secret: str) -> Step:
        """Give a stage its answer. Raises `Refused` when it does not fit."""
        answer = self._send("POST", "/sign-in/answer", {"process": process, "stage": stage, "secret": secret})
        return Step(
            stage=self._text(answer, "stage"),
            mail=str(answer.get("mail", "")),
            second=tuple(answer.get("second", ())),
            token=str(answer.get("token", "")),
        )

    def send_code_again(self, *, process: str) -> None:
        """Have another code mailed; the one before is dead."""
        self._send("POST", "/sign-in/resend", {"process": process})

    def offer(self, *, token: str) -> Offer:
        """What can be obtained with this token."""
        answer = self._send("GET", "/enrolment", token=token)
        try:
            return Offer(
                organisation_name=answer["organisation_name"],
                person_name=answer["person_name"],
                issued_to=answer["issued_to"],
                renewable=tuple(
                    Renewable(
                        id=one["id"],
                        issued_to=one["issued_to"],
                        device_name=one["device_name"],
                        serial=one["serial"],
                        valid_until=datetime.fromisoformat(one["valid_until"]),
                    )
                    for one in answer["renewable"]
                ),
            )
        except (KeyError, TypeError, ValueError):
            raise NotWarifu(address=self.address) from None

    def certify(self, *, token: str, request: bytes, issued_to: str, device_name: str, replaces: str | None) -> Issued:
        """Have a request signed; the token is used up afterwards."""
        answer = self._send(
            "POST",
            "/enrolment/certificate",
            {
                "csr": base64.b64encode(request).decode(),
                "issued_to": issued_to,
                "device_name": device_name,
                "replaces": replaces,
            },
            token=token,
        )
        return Issued(
            id=self._text(answer, "id"),
            certificate=self._text(answer, "certificate"),
            chain=[str(one) for one in answer.get("chain", ())],
        )

    def pull(self, code: str) -> Pulled:
        """Take what a page's code stands for; once."""
        answer = self._send("POST", "/card/pull", {"code": code})
        return Pulled(
            process=self._text(answer, "process"),
            organisation=self._text(answer, "organisation"),
            order=self._text(answer, "order"),
            nonce=self._text(answer, "nonce"),
            purpose=self._text(answer, "purpose"),
            origin=self._text(answer, "origin"),
        )

    def answer_card(self, *, process: str, answer: dict[str, str]) -> Outcome:
        """Send what the card gave. The process is used up afterwards, whatever comes back."""
        said = self._send("POST", "/card/answer", {"process": process, **answer})
        return Outcome(
            state=self._text(said, "state"),
            sentence=str(said.get("sentence") or ""),
            remedy=str(said.get("remedy") or ""),
            known_code=str(said.get("known_code") or ""),
        )

    def tell_fault(self, *, process: str, code: str) -> None:
        """Let the page know that card or reader failed."""
        self._send("POST", "/card/fault", {"process": process, "code": code})

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None, *, token: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            answer = self._client.request(method, path, json=body, headers=headers)
        except httpx.TransportError as fault:
            raise self._no_answer(fault) from None
        try:
            content = answer.json()
        except ValueError:
            raise NotWarifu(address=self.address) from None
        if answer.is_success and isinstance(content, dict):
            return content
        if isinstance(content, dict) and {"code", "sentence", "remedy"} <= content.keys():
            raise Refused(
                code=content["code"],
                sentence=content["sentence"],
                remedy=content["remedy"],
                known=str(content.get("known_code") or ""),
            )
        raise NotWarifu(address=self.address)

    def _no_answer(self, fault: httpx.TransportError) -> Unreachable | Untrusted:
        cause: BaseException | None = fault
        while cause is not None:
            if isinstance(cause, ssl.SSLCertVerificationError):
                return Untrusted(address=self.address)
            cause = cause.__cause__ or cause.__context__
        return Unreachable(address=self.address)

    def _text(self, answer: dict[str, Any], name: str) -> str:
        value = answer.get(name)
        if not isinstance(value, str):
            raise NotWarifu(address=self.address)
        return value
