"""カード: answers of cards examined a CPU second, beside `openssl verify` on the same certificates and anchors.

OpenSSL gets all certificates in one process, so that its start counts once; it checks chain, dates and purpose. Ours
checks the same and policies, critical extensions, key and the strict form besides, and the card's signature over the
question. The limit is two RSA-2048 verifications, the least that any answer costs. The whole answer adds the row of the
question.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from django.conf import settings
from django.utils import timezone

from warifu.cards import examining
from warifu.cards.actions import challenges
from warifu_card.simulator.authority import Authority
from warifu_card.simulator.box import Box
from warifu_card.token import Token, signed_bytes

PERSONAS = Path(__file__).resolve().parents[1] / "docs" / "card" / "personas.json"
TIMES = 400


def workloads() -> Iterator[dict[str, Any]]:
    """Certificates beside OpenSSL, whole answers beside their limit."""
    at = timezone.now()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        box = Box.open(PERSONAS, at=at)
        persona = next(one for one in box.personas.values() if one.state == "valid" and "auth" in one.certificates)
        authority = box.authority
        _trust(authority, folder)
        der, key = authority.certify(persona, "auth"), authority.leaf_key(persona, "auth")
        question = challenges.ask(browser="bench", at=at)
        signed = signed_bytes(origin=question.origin, nonce=question.nonce, purpose=question.purpose)
        signature = key.sign(signed, padding.PKCS1v15(), hashes.SHA256())
        token = Token("RS256", der, signature).to_json()
        yield {
            "name": "answers examined a CPU second",
            "n": TIMES,
            "ours": _rate(lambda: examining.credential(token=token, signed=signed, at=at)),
            "peer": _openssl(der, authority, folder),
            "peer_name": "openssl verify, one process",
            "limit": _rate(lambda: _two_verifications(der, authority, signature, signed)),
        }
        questions = [challenges.ask(browser=f"bench {one}", at=at) for one in range(TIMES)]
        answers = iter([_answer(one, f"bench {place}", der, key) for place, one in enumerate(questions)])
        yield {
            "name": "questions answered a CPU second, with the database",
            "n": TIMES,
            "ours": _rate(lambda: challenges.answered(answer=next(answers), at=at)),
        }


def _trust(authority: Authority, folder: Path) -> None:
    (folder / "auth").mkdir()
    for number, root in enumerate(authority.roots("auth")):
        (folder / "auth" / f"{number}.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    settings.WARIFU = settings.WARIFU.model_copy(update={"card_anchors": folder})


def _answer(question: challenges.Question, browser: str, der: bytes, key: rsa.RSAPrivateKey) -> str:
    signed = signed_bytes(origin=question.origin, nonce=question.nonce, purpose=question.purpose)
    token = Token("RS256", der, key.sign(signed, padding.PKCS1v15(), hashes.SHA256())).to_json()
    return challenges.composed(challenge=str(question.id), token=token, browser=browser)


def _openssl(der: bytes, authority: Authority, folder: Path) -> float:
    certificate = folder / "card.pem"
    certificate.write_bytes(x509.load_der_x509_certificate(der).public_bytes(serialization.Encoding.PEM))
    roots = folder / "roots.pem"
    roots.write_bytes(b"".join(root.public_bytes(serialization.Encoding.PEM) for root in authority.roots("auth")))
    command = ["openssl", "verify", "-CAfile", str(roots), "-purpose", "sslclient", *[str(certificate)] * TIMES]
    start = os.times()
    subprocess.run(command, check=True, capture_output=True)
    end = os.times()
    spent = end.children_user + end.children_system - start.children_user - start.children_system
    return round(TIMES / spent, 1)


def _two_verifications(der: bytes, authority: Authority, signature: bytes, signed: bytes) -> None:
    parsed = x509.load_der_x509_certificate(der)
    own, root = parsed.public_key(), authority.root("auth").public_key()
    if not isinstance(own, rsa.RSAPublicKey) or not isinstance(root, rsa.RSAPublicKey):
        raise TypeError
    root.verify(parsed.signature, parsed.tbs_certificate_bytes, padding.PKCS1v15(), hashes.SHA256())
    own.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())


def _rate(work: Callable[[], object]) -> float:
    start = time.process_time()
    for _each in range(TIMES):
        work()
    return round(TIMES / (time.process_time() - start), 1)
