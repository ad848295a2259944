"""Which issuers of cards this installation trusts: what the operator put into one folder, and nothing else.

`auth/` holds the authorities for user authentication, `profile/` those that sign the card-face data. The folder is
configuration because a new generation comes every few years (cards.md 2.1); what a card carries is never trusted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

import structlog
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key, load_pem_public_key
from django.conf import settings

from warifu.cards.rules import certificates
from warifu.cards.rules.refusals import CardsNotSetUp
from warifu_card.evidence import PublicKey

_T = TypeVar("_T")
log = structlog.get_logger("warifu.cards")


def are_set() -> bool:
    """Whether cards can be used here at all."""
    return bool(_found("auth"))


def authorities() -> tuple[x509.Certificate, ...]:
    """The trusted authorities for user authentication, the newest first. Raises `CardsNotSetUp` when there is none."""
    found = _found("auth")
    if not found:
        raise CardsNotSetUp
    return found


def profile_keys() -> dict[bytes, PublicKey]:
    """The trusted keys that sign the card-face data, by the id that the card names; its hexadecimal text is the file's
    name. Raises `CardsNotSetUp` when there is none."""
    folder = settings.WARIFU.card_anchors
    found = _keys(folder, _edition(folder, "profile")) if folder else {}
    if not found:
        raise CardsNotSetUp
    return found


def _found(kind: str) -> tuple[x509.Certificate, ...]:
    folder = settings.WARIFU.card_anchors
    return _authorities(folder, kind, _edition(folder, kind)) if folder else ()


def _edition(folder: Path, kind: str) -> tuple[tuple[str, int, int], ...]:
    """Names, sizes and times of the files, so that a changed folder is read anew without a restart."""
    try:
        files = sorted((folder / kind).iterdir())
        return tuple((file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in files if file.is_file())
    except OSError:
        return ()


@lru_cache(maxsize=8)
def _authorities(folder: Path, kind: str, edition: tuple[tuple[str, int, int], ...]) -> tuple[x509.Certificate, ...]:
    read = (_parsed(folder / kind / name, _certificate) for name, *_rest in edition)
    trusted = [one for one in read if one is not None and certificates.as_anchor(one)]
    return tuple(sorted(trusted, key=lambda one: one.not_valid_before_utc, reverse=True))


@lru_cache(maxsize=8)
def _keys(folder: Path, edition: tuple[tuple[str, int, int], ...]) -> dict[bytes, PublicKey]:
    found: dict[bytes, PublicKey] = {}
    for name, *_rest in edition:
        key = _parsed(folder / "profile" / name, _key)
        try:
            id_ = bytes.fromhex(Path(name).stem)
        except ValueError:
            log.warning("anchor_unnamed", file=name)
            continue
        if key is not None:
            found[id_] = key
    return found


def _parsed(path: Path, parse: Callable[[bytes], _T]) -> _T | None:
    """What a file holds; one that holds something else is passed over and noted, so that the others still count."""
    try:
        return parse(path.read_bytes())
    except (OSError, ValueError, TypeError):
        log.warning("anchor_unreadable", file=path.name)
        return None


def _certificate(raw: bytes) -> x509.Certificate:
    is_text = raw.lstrip().startswith(b"-----BEGIN")
    return x509.load_pem_x509_certificate(raw) if is_text else x509.load_der_x509_certificate(raw)


def _key(raw: bytes) -> PublicKey:
    key = load_pem_public_key(raw) if raw.lstrip().startswith(b"-----BEGIN") else load_der_public_key(raw)
    if not isinstance(key, RSAPublicKey):
        raise TypeError
    numbers = key.public_numbers()
    return PublicKey(numbers.n, numbers.e)
