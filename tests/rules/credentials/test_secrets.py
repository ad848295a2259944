"""Secrets that the house makes: their signs, their spelling, codes that stand in no table."""

from __future__ import annotations

import math
import re

import pytest

from warifu.credentials.rules import secrets


@pytest.mark.shows("002-35")
def test_generated_secrets_hold_no_look_alikes() -> None:
    signs = "".join(secrets.bare(secrets.generated(bits=112)) for _ in range(200))
    assert not set(signs) & set("0O1I2Z")
    assert len(set(signs)) == len(secrets.ALPHABET) == 30


@pytest.mark.parametrize("bits", [58, 112, 128])
def test_a_secret_has_the_bits_that_were_asked_for(bits: int) -> None:
    made = secrets.generated(bits=bits)
    assert re.fullmatch(r"(?:[A-Z3-9]{4}-)*[A-Z3-9]{1,4}", made)
    assert len(secrets.bare(made)) * math.log2(30) >= bits
    assert secrets.generated(bits=bits) != made


def test_a_typed_secret_is_read_as_it_was_made() -> None:
    assert secrets.bare(" hj4k-９pqr 7tuv ") == "HJ4K9PQR7TUV"


def test_a_secret_is_spelt_so_that_every_sign_sounds_different() -> None:
    assert secrets.read_aloud("HJ4K-9PQR") == "エイチ・ジェイ・よん・ケー、きゅう・ピー・キュー・アール"
    spoken = {secrets.read_aloud(sign) for sign in secrets.ALPHABET}
    assert len(spoken) == len(secrets.ALPHABET)
    assert not spoken & set(secrets.ALPHABET)


@pytest.mark.shows("L-15")
def test_a_short_code_depends_on_key_purpose_and_row() -> None:
    def code(key: bytes = b"k", purpose: str = "mail_code", reference: str = "1") -> str:
        return secrets.short_code(key=key, purpose=purpose, reference=reference)

    assert re.fullmatch(r"\d{6}", code())
    assert code() == code()
    assert len({code(), code(key=b"other"), code(purpose="phone"), code(reference="2")}) == 4
    spread = {code(reference=str(number)) for number in range(2000)}
    assert len(spread) > 1990
