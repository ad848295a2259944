"""Hostile bytes in place of a certificate end in a refusal, never in a fault (cards.md 4.3-3)."""

from __future__ import annotations

import random

import pytest

from tests.cast import MORNING
from tests.rooms.cards import wallet as cards
from warifu.cards.rules import certificates
from warifu.cards.rules.refusals import CertificateFault

ANCHORS = cards.authority().roots("auth")
DER = cards.authority().certify(cards.INOUE, "auth")


def examined(der: bytes) -> certificates.Certificate:
    return certificates.examined(der=der, anchors=ANCHORS, policies=[certificates.POLICY], at=MORNING)


def test_the_right_one_passes() -> None:
    assert examined(DER).key_info


@pytest.mark.parametrize("seed", range(4))
def test_a_changed_byte_is_refused(seed: int) -> None:
    chance = random.Random(seed)
    for _each in range(150):
        spoilt = bytearray(DER)
        for _change in range(chance.randint(1, 3)):
            spoilt[chance.randrange(len(spoilt))] ^= chance.randint(1, 255)
        if bytes(spoilt) == DER:
            continue
        with pytest.raises(CertificateFault):
            examined(bytes(spoilt))


@pytest.mark.parametrize("seed", range(2))
def test_a_cut_or_lengthened_one_is_refused(seed: int) -> None:
    chance = random.Random(seed)
    for _each in range(80):
        at = chance.randrange(len(DER))
        for spoilt in (DER[:at], DER + chance.randbytes(chance.randint(1, 40)), DER[:at] + DER[at + 1 :]):
            with pytest.raises(CertificateFault):
                examined(spoilt)


def test_noise_is_refused() -> None:
    for size in (0, 1, 2, 7, 400, certificates.LARGEST, certificates.LARGEST + 1):
        with pytest.raises(CertificateFault):
            examined(bytes(size))
