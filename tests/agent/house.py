"""A small house for the program: answers as the real server does and signs with an authority of its own.

Needs neither Django nor pytest, so that the window's own interpreter can load it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from warifu_agent.dialogue import Choice
from warifu_agent.faults import Fault, Refused
from warifu_agent.server import Issued, Offer, Renewable, Step
from warifu_agent.words import Language, Words

NOW = datetime(2026, 11, 24, tzinfo=UTC)
OLD = Renewable(id="7", issued_to="Aoba Trading", device_name="PC-1", serial="0A", valid_until=NOW + timedelta(days=20))


@dataclass
class SmallHouse:
    """Aoki may come in with `good` and the code 123456."""

    renewable: tuple[Renewable, ...] = ()
    stages: tuple[str, ...] = ("code",)
    second: tuple[str, ...] = ()
    signs_own_key: bool = False
    address: str = "https://house.example"
    asked: list[tuple[str, ...]] = field(default_factory=list)

    def begin(self, *, organisation: str, identifier: str) -> str:
        self.asked.append(("begin", organisation, identifier))
        return "process"

    def answer(self, *, process: str, stage: str, secret: str) -> Step:
        if stage == "password" and secret != "good":
            raise Refused(code="WF-S203", sentence="サインインできませんでした。", remedy="見直してください。")
        if stage != "password" and secret != "123456":
            raise Refused(code="WF-S231", sentence="コードが合いません。", remedy="見直してください。")
        self.asked.append((stage,))
        done = [name for (name, *_rest) in self.asked if name in self.stages]
        left = [name for name in self.stages if name not in done]
        if left:
            return Step(stage=left[0], mail="a***@aoba.example", second=self.second)
        return Step(stage="done", token="wfe_token")

    def send_code_again(self, *, process: str) -> None:
        self.asked.append(("resend",))

    def offer(self, *, token: str) -> Offer:
        return Offer(
            organisation_name="青葉商会",
            person_name="青木 葵",
            issued_to="青葉商会 青木 葵",
            renewable=self.renewable,
        )

    def certify(self, *, token: str, request: bytes, issued_to: str, device_name: str, replaces: str | None) -> Issued:
        self.asked.append(("certify", issued_to, device_name, replaces or ""))
        root_key = ec.generate_private_key(ec.SECP256R1())
        public = root_key.public_key() if self.signs_own_key else x509.load_der_x509_csr(request).public_key()
        root = _signed("Small Root", root_key.public_key(), "Small Root", root_key, is_authority=True)  # type: ignore[arg-type]
        own = _signed(issued_to, public, "Small Root", root_key, is_authority=False)  # type: ignore[arg-type]
        return Issued(id="new", certificate=_pem(own), chain=[_pem(root)])

    def close(self) -> None:
        pass


@dataclass
class Script:
    """Somebody who answers from a list and remembers what was said."""

    answers: list[str]
    language: Language = "ja"
    said: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def heading(self, words: Words, *, step: int, of: int) -> None:
        self.said.append(f"{step}/{of} {words.ja}")

    def tell(self, words: Words) -> None:
        self.said.append(words.ja)

    def tell_fault(self, fault: Fault) -> None:
        self.faults.append(fault.name)

    def ask(self, question: Words, *, default: str = "") -> str:
        return self._next(question) or default

    def ask_secret(self, question: Words) -> str:
        return self._next(question)

    def ask_code(self, question: Words) -> str:
        return self._next(question)

    def choose(self, question: Words, choices: Sequence[Choice], *, default: str) -> str:
        answer = self._next(question) or default
        assert answer in [value for value, _words in choices], (answer, choices)
        return answer

    def confirm(self, question: Words) -> bool:
        return self._next(question) != "no"

    def _next(self, question: Words) -> str:
        assert self.answers, f"no answer left for {question.ja}"
        return self.answers.pop(0)


def _signed(
    name: str,
    public: ec.EllipticCurvePublicKey,
    issuer: str,
    key: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, issuer)]))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW)
        .not_valid_after(NOW + timedelta(days=300))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()
