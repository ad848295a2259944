"""Cards of the simulator in the hands of the cast, and an installation that trusts their issuers."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding
from django.conf import settings

from tests.cast import MORNING, test_number
from warifu_card.card import Card
from warifu_card.layout import FOUR_SECRETS
from warifu_card.particulars import Sex
from warifu_card.profile import read_evidence
from warifu_card.simulator.authority import ISSUER_ID, Authority
from warifu_card.simulator.box import Box
from warifu_card.simulator.keys import Keys
from warifu_card.simulator.personas import Persona
from warifu_card.token import Token, signed_bytes
from warifu_card.transport.simulator import SimulatorTransport

PIN = "1234"
INOUE = Persona(
    id="inoue",
    name="井上　郁",
    address="東京都千代田区大手町一丁目１番１号",
    birth_date=date(1988, 4, 2),
    sex=Sex.FEMALE,
    number=test_number("12345678901"),
    pins={secret.name: "ABC123" if secret.name == "sign" else PIN for secret in FOUR_SECRETS},
)
AOKI = replace(INOUE, id="aoki", name="青木　葵", number=test_number("22345678901"))


@cache
def folder() -> Path:
    """Where the keys of all tests of a run lie: making one costs a tenth of a second."""
    return Path(tempfile.mkdtemp(prefix="warifu-wallet-"))


@cache
def authority() -> Authority:
    """The simulator's authorities, at the morning of the cast."""
    return Authority(Keys(folder() / "keys"), at=MORNING)


@cache
def anchors() -> Path:
    """A folder of trusted issuers: both generations, and the key of the cards' issuers."""
    place = folder() / "anchors"
    (place / "auth").mkdir(parents=True, exist_ok=True)
    (place / "profile").mkdir(exist_ok=True)
    for number, root in enumerate(authority().roots("auth")):
        (place / "auth" / f"{number}.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    key = authority().keys.rsa("card-issuers").public_key()
    pem = key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (place / "profile" / f"{ISSUER_ID.hex()}.pem").write_bytes(pem)
    return place


def set_up(monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
    """Let the installation trust the simulator's issuers."""
    house = settings.WARIFU.model_copy(update={"card_anchors": anchors(), **values})
    monkeypatch.setattr(settings, "WARIFU", house)


@pytest.fixture
def wallet(monkeypatch: pytest.MonkeyPatch) -> None:
    """An installation that takes cards, without a source of revocations."""
    set_up(monkeypatch)


def token(question: Any, persona: Persona = INOUE, *, use: Any = "auth", flaw: str | None = None, **other: str) -> str:
    """What the agent sends: the card's signature over a question, or over another one."""
    parts = {"origin": question.origin, "nonce": question.nonce, "purpose": question.purpose} | other
    der = authority().certify(persona, use, flaw=flaw)
    key = authority().leaf_key(persona, use, flaw=flaw)
    signature = key.sign(signed_bytes(**parts), padding.PKCS1v15(), hashes.SHA256())
    return Token("RS256", der, signature).to_json()


def profile(question: Any, persona: Persona = INOUE, *, with_number: bool = True) -> str:
    """What the agent reads from the card-face data of a persona's card."""
    box = Box({persona.id: persona}, folder=folder() / "keys", at=MORNING)
    challenge = signed_bytes(origin=question.origin, nonce=question.nonce, purpose=question.purpose)
    card = Card(SimulatorTransport(box.card(persona.id)))
    return read_evidence(card, PIN, challenge=challenge, with_number=with_number).to_json()
