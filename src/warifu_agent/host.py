"""The native messaging host: one question of the extension, one answer, the end (docs/flows/card.md, A).

Frames are four bytes of length, in the order of this computer, and as many bytes of JSON. Nothing but frames goes to
standard output: whoever prints, prints to standard error.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, BinaryIO, Protocol

from warifu_agent.browsers import CHROMIUM_ID, FIREFOX_ID
from warifu_agent.faults import (
    AskedBadly,
    CallerUnknown,
    CommandUnknown,
    Fault,
    OriginNotServed,
    OriginUnprotected,
)
from warifu_agent.origins import is_origin
from warifu_agent.settings import Settings
from warifu_agent.words import Language

LONGEST = 8192
"""What a question may weigh; the browser allows far more."""
_KEYS = {"command", "nonce", "purpose", "origin", "language"}


@dataclass(frozen=True, kw_only=True)
class Question:
    """What the extension asks. `origin` is what the browser stated, `purpose` the server's text as it came."""

    origin: str
    nonce: str
    purpose: str
    language: Language


class Answering(Protocol):
    """What answers a question with a token, a JSON text; tells how far it is. Raises `Fault`."""

    def __call__(self, question: Question, *, settings: Settings, report: Report) -> str: ...


class Report(Protocol):
    """Tells the page how far the person is: `insert`, `pin`, `hold`, `done`."""

    def __call__(self, step: str) -> None: ...


def serve(
    *,
    source: BinaryIO,
    sink: BinaryIO,
    callers: Sequence[str],
    load: Callable[[], Settings],
    answering: Answering,
) -> int:
    """Answer one question. `callers` are the words that the browser added to the command, `load` gives the settings.

    Returns the exit status.
    """

    def send(words: dict[str, Any]) -> None:
        body = json.dumps(words, ensure_ascii=False).encode()
        sink.write(struct.pack("=I", len(body)) + body)
        sink.flush()

    language: Language = "ja"
    try:
        settings = load()
        _insist_is_extension(callers, settings.extensions)
        body = read_frame(source)
        if body is None:
            return 0
        question = understood(body, settings=settings)
        language = question.language
        token = answering(question, settings=settings, report=lambda step: send({"progress": step}))
    except Fault as fault:
        with suppress(OSError):
            send({"fault": told(fault, language)})
        return 1
    except OSError:
        return 1
    send({"token": token})
    return 0


def read_frame(source: BinaryIO) -> bytes | None:
    """The body of one frame; None when nobody asks anything. Raises `AskedBadly` when it is too long or cut off."""
    head = source.read(4)
    if not head:
        return None
    if len(head) < 4:
        raise AskedBadly
    (length,) = struct.unpack("=I", head)
    if not 0 < length <= LONGEST:
        raise AskedBadly
    body = source.read(length)
    if len(body) < length:
        raise AskedBadly
    return body


def understood(body: bytes, *, settings: Settings) -> Question:
    """The question in a frame. Raises `AskedBadly`, `CommandUnknown`, `OriginUnprotected`, `OriginNotServed`."""
    try:
        asked = json.loads(body.decode(), object_pairs_hook=_without_doubles)
    except (ValueError, RecursionError):
        raise AskedBadly from None
    if not isinstance(asked, dict) or not all(isinstance(value, str) for value in asked.values()):
        raise AskedBadly
    if asked.get("command") != "authenticate":
        raise CommandUnknown
    if asked.keys() != _KEYS or asked["language"] not in ("ja", "en"):
        raise AskedBadly
    if not is_origin(asked["origin"], is_trial=settings.is_trial):
        raise OriginUnprotected(origin=_shown(asked["origin"]))
    if asked["origin"] not in settings.origins:
        raise OriginNotServed(origin=asked["origin"])
    return Question(origin=asked["origin"], nonce=asked["nonce"], purpose=asked["purpose"], language=asked["language"])


def told(fault: Fault, language: Language) -> dict[str, str]:
    """A fault for the page: code and words, in the reader's language."""
    sentence, remedy = fault.words
    return {
        "code": fault.name,
        "known_code": fault.known[0] if fault.known else "",
        "sentence": sentence.to(language),
        "remedy": remedy.to(language),
    }


def take_standard_streams() -> tuple[BinaryIO, BinaryIO]:
    """Keep standard input and output for frames alone; whatever else is printed goes to standard error, and a terminal
    takes their place where there is one, for the person may have to be asked there."""
    source = os.fdopen(os.dup(0), "rb")
    sink = os.fdopen(os.dup(1), "wb")
    terminal = "CON" if sys.platform == "win32" else "/dev/tty"
    try:
        opened = os.open(terminal, os.O_RDWR)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
    else:
        os.dup2(opened, 0)
        os.dup2(opened, 1)
        os.close(opened)
    return source, sink


def _insist_is_extension(callers: Sequence[str], more_ids: Sequence[str]) -> None:
    """Chromium adds the extension's address, Firefox the path of the manifest and the extension's id."""
    ids = {CHROMIUM_ID, FIREFOX_ID, *more_ids}
    said = {one.removeprefix("chrome-extension://").rstrip("/") for one in callers}
    if not ids & said:
        raise CallerUnknown


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _shown(origin: str) -> str:
    """What is not an origin may hold anything; only printable signs of it are shown."""
    return "".join(sign for sign in origin[:80] if sign.isprintable())
