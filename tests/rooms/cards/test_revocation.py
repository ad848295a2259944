"""Sources of revocations: lists, a responder, an accredited operator; who may say 有効 (I-12; cards.md 2.4)."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509 import ocsp
from pydantic import SecretStr

from tests.cast import MORNING
from tests.rooms.cards import wallet as cards
from tests.rooms.cards.wallet import AOKI, INOUE
from warifu.cards.actions import challenges
from warifu.cards.examining import Credential
from warifu.cards.revocation import Status
from warifu.cards.rules.refusals import CertificateRevoked, StatusUnavailable
from warifu.config.environment import Environment

pytestmark = pytest.mark.django_db


def shown(persona: Any = INOUE) -> Credential:
    """What a card's answer is worth now."""
    question = challenges.ask(browser="b", at=MORNING)
    given = challenges.composed(challenge=str(question.id), token=cards.token(question, persona), browser="b")
    return challenges.answered(answer=given, at=MORNING)


class TestLists:
    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        cards.set_up(monkeypatch, card_revocation="crl", card_revocation_address=str(tmp_path))
        return tmp_path

    def write(self, folder: Path, *, revoked: list[Any], at: datetime = MORNING, **values: Any) -> None:
        raw = cards.authority().revocation_list("auth", revoked=revoked, at=at, **values)
        (folder / "auth.crl").write_bytes(raw)

    @pytest.mark.shows("I-12")
    def test_who_is_on_no_list_passes_and_stays_unconfirmed(self, folder: Path) -> None:
        self.write(folder, revoked=[AOKI])
        found = shown()
        assert (found.finding.status, found.finding.source) == (Status.UNCONFIRMED, "crl")

    @pytest.mark.shows("004-15")
    def test_who_is_on_the_list_is_refused(self, folder: Path) -> None:
        self.write(folder, revoked=[INOUE])
        with pytest.raises(CertificateRevoked) as refused:
            shown()
        assert refused.value.known == ("MKCZ403E",)

    def test_without_a_list_in_time_nothing_passes(self, folder: Path) -> None:
        with pytest.raises(StatusUnavailable):
            shown()
        self.write(folder, revoked=[], at=MORNING - timedelta(days=5))
        with pytest.raises(StatusUnavailable):
            shown()

    def test_a_list_of_the_other_generation_says_nothing(self, folder: Path) -> None:
        self.write(folder, revoked=[], generation=1)
        with pytest.raises(StatusUnavailable):
            shown()
        assert shown(replace(INOUE, generation=1)).finding.source == "crl"

    def test_a_list_that_somebody_else_signed_says_nothing(self, folder: Path) -> None:
        forged = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(cards.authority().root("auth").subject)
            .last_update(MORNING)
            .next_update(MORNING + timedelta(days=2))
            .sign(cards.authority().keys.rsa("forged-root"), hashes.SHA256())
        )
        (folder / "auth.crl").write_bytes(forged.public_bytes(serialization.Encoding.DER))
        (folder / "notes.txt").write_text("nothing")
        with pytest.raises(StatusUnavailable):
            shown()


@contextmanager
def served(answer: Callable[[bytes, Any], tuple[int, bytes]]) -> Iterator[str]:
    """A service over real HTTP on this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, content = answer(body, self.headers)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def responder(
    *,
    status: ocsp.OCSPCertStatus = ocsp.OCSPCertStatus.GOOD,
    signer: str = "root-auth-2",
    about: Any = INOUE,
    **other: Any,
) -> Callable[[bytes, Any], tuple[int, bytes]]:
    """A responder of the issuer, right or wrong."""

    def answer(body: bytes, _headers: Any) -> tuple[int, bytes]:
        asked = ocsp.load_der_ocsp_request(body)
        root = cards.authority().root("auth")
        updated = other.get("updated", MORNING)
        is_revoked = status is ocsp.OCSPCertStatus.REVOKED
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=x509.load_der_x509_certificate(cards.authority().certify(about, "auth")),
            issuer=root,
            algorithm=hashes.SHA256(),
            cert_status=status,
            this_update=updated,
            next_update=updated + timedelta(hours=1),
            revocation_time=MORNING if is_revoked else None,
            revocation_reason=x509.ReasonFlags.unspecified if is_revoked else None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.NAME, root)
        nonce = asked.extensions.get_extension_for_class(x509.OCSPNonce).value
        builder = builder.add_extension(x509.OCSPNonce(other.get("nonce", nonce.nonce)), critical=False)
        made = builder.sign(cards.authority().keys.rsa(signer), hashes.SHA256())
        return 200, made.public_bytes(serialization.Encoding.DER)

    return answer


class TestResponder:
    @pytest.fixture
    def ask(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Credential]:
        def ask(answer: Callable[[bytes, Any], tuple[int, bytes]]) -> Credential:
            with served(answer) as address:
                cards.set_up(monkeypatch, card_revocation="ocsp", card_revocation_address=address)
                return shown()

        return ask

    @pytest.mark.shows("I-12")
    def test_a_good_answer_passes_and_stays_unconfirmed(self, ask: Callable[..., Credential]) -> None:
        found = ask(responder())
        assert (found.finding.status, found.finding.source) == (Status.UNCONFIRMED, "ocsp")

    def test_a_revoked_one_is_refused(self, ask: Callable[..., Credential]) -> None:
        with pytest.raises(CertificateRevoked):
            ask(responder(status=ocsp.OCSPCertStatus.REVOKED))

    @pytest.mark.parametrize(
        "answer",
        [
            responder(status=ocsp.OCSPCertStatus.UNKNOWN),
            responder(signer="forged-root"),
            responder(about=AOKI),
            responder(updated=MORNING - timedelta(days=2)),
            responder(updated=MORNING + timedelta(days=2)),
            responder(nonce=b"0" * 16),
            lambda _body, _headers: (200, b"nothing"),
            lambda _body, _headers: (500, b""),
            lambda _body, _headers: (302, b""),
            lambda _body, _headers: (200, b"0" * 100_000),
        ],
        ids=["unknown", "forged", "another", "stale", "early", "nonce", "noise", "broken", "elsewhere", "large"],
    )
    def test_whatever_is_no_clear_answer_is_none(self, ask: Callable[..., Credential], answer: Any) -> None:
        with pytest.raises(StatusUnavailable):
            ask(answer)

    @pytest.mark.shows("004-13")
    def test_a_responder_that_is_not_there_is_a_matter_of_the_network(self, monkeypatch: pytest.MonkeyPatch) -> None:
        cards.set_up(monkeypatch, card_revocation="ocsp", card_revocation_address="http://127.0.0.1:1/")
        with pytest.raises(StatusUnavailable) as refused:
            shown()
        assert refused.value.known == ("MKCZ802E",)


def operator(result: str = "valid", **changed: Any) -> Callable[[bytes, Any], tuple[int, bytes]]:
    """An accredited operator that speaks the adapter's protocol, right or wrong."""

    def answer(body: bytes, headers: Any) -> tuple[int, bytes]:
        asked = json.loads(body)
        assert set(asked) == {"certificate", "transaction"}
        x509.load_der_x509_certificate(base64.b64decode(asked["certificate"]))
        if headers["Authorization"] != "Bearer of-the-contract":
            return 401, b"{}"
        told = {"transaction": asked["transaction"], "result": result, "checked_at": MORNING.isoformat()} | changed
        return 200, json.dumps(told).encode()

    return answer


class TestOperator:
    @pytest.fixture
    def ask(self, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Credential]:
        def ask(answer: Any, token: str = "of-the-contract") -> Credential:  # noqa: S107
            with served(answer) as address:
                cards.set_up(
                    monkeypatch,
                    card_revocation="operator",
                    card_revocation_address=address,
                    card_operator_token=SecretStr(token),
                    card_operator_name="認定事業者",
                )
                return shown()

        return ask

    @pytest.mark.shows("I-12")
    def test_only_an_accredited_operator_makes_it_confirmed(self, ask: Callable[..., Credential]) -> None:
        found = ask(operator())
        assert (found.finding.status, found.finding.source) == (Status.CONFIRMED, "認定事業者")

    @pytest.mark.parametrize("result", ["revoked", "expired"])
    def test_what_it_says_is_over_is_refused(self, ask: Callable[..., Credential], result: str) -> None:
        with pytest.raises(CertificateRevoked):
            ask(operator(result))

    @pytest.mark.parametrize(
        "answer",
        [
            operator("unknown"),
            operator("VALID"),
            operator(transaction="another"),
            operator(checked_at="2026-01-01T00:00:00+09:00"),
            operator(checked_at="yesterday"),
            operator(checked_at=None),
            lambda _body, _headers: (200, b"[]"),
            lambda _body, _headers: (200, b"\xff"),
            lambda _body, _headers: (503, b""),
        ],
    )
    def test_whatever_is_no_clear_answer_is_none(self, ask: Callable[..., Credential], answer: Any) -> None:
        with pytest.raises(StatusUnavailable):
            ask(answer)

    def test_without_the_contracts_token_nothing_passes(self, ask: Callable[..., Credential]) -> None:
        with pytest.raises(StatusUnavailable):
            ask(operator(), token="another")


def test_a_source_is_asked_over_tls_or_on_this_machine_only() -> None:
    with pytest.raises(ValueError, match="https"):
        Environment(mode="test", card_revocation_address="http://ocsp.example.jp/")
    assert Environment(mode="test", card_revocation_address="https://ocsp.example.jp/")
