"""How passwords are hashed: Argon2id with the figures that OWASP recommends (L-05); which words are common."""

from __future__ import annotations

import gzip
import importlib.resources
import secrets
import threading
from functools import cache

from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, identify_hasher, make_password

from warifu.credentials.rules import passwords as rules
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

AT_ONCE = 4
"""Passwords hashed at the same time in one process: bounds memory to 4 x 19 MiB; the others stand in a queue."""
PATIENCE = 20
"""Seconds that a check waits in the queue before it is refused."""

_turns = threading.BoundedSemaphore(AT_ONCE)


class TooBusy(Refused):
    """So many people sign in at the same moment that the queue is too long."""

    code = "WF-S107"
    sentence = _("いま、サインインがたいへん混み合っています。")
    remedy = _("一分ほど待ってから、もう一度お試しください。")
    status = 503


class OwaspArgon2(Argon2PasswordHasher):
    """Two passes over 19 MiB on one lane: about 35 ms a check; older hashes are renewed at sign-in."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1


def hashed(password: str) -> str:
    """The hash to keep of a new password."""
    with _Turn():
        return make_password(rules.normal(password))


def fits(password: str, kept: str | None) -> bool:
    """Whether a password belongs to a hash. Without a hash the work is the same and the answer no (L-10)."""
    with _Turn():
        fitting = check_password(rules.normal(password)[: rules.LONGEST + 1], kept or _decoy())
    return fitting and kept is not None


def is_outdated(kept: str) -> bool:
    """Whether a hash was made with other figures than today's (L-05)."""
    return identify_hasher(kept).must_update(kept)


@cache
def common_words() -> frozenset[str]:
    """Words from lists of leaked passwords: the 20,000 that come with Django, those of four characters and more."""
    packed = importlib.resources.files("django.contrib.auth").joinpath("common-passwords.txt.gz").read_bytes()
    return frozenset(word for word in gzip.decompress(packed).decode().split() if len(word) >= 4)


@cache
def _decoy() -> str:
    return make_password(secrets.token_urlsafe())


class _Turn:
    def __enter__(self) -> None:
        if not _turns.acquire(timeout=PATIENCE):
            raise TooBusy

    def __exit__(self, *exc: object) -> None:
        _turns.release()
