"""One card: select, read, count, verify, sign; the rules of cards.md 1.9 are kept here and nowhere else.

The counter is asked before a PIN is sent; the last try is refused unless told twice; nothing that carries a PIN is
ever sent again; when no status word comes back the counter is asked and no success is assumed.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from warifu_card import apdu, tlv
from warifu_card.apdu import Command, Response
from warifu_card.faults import (
    AnswerLost,
    CardFault,
    CardRefused,
    LastTry,
    MalformedData,
    NotOnThisCard,
    PinIncorrect,
    PinLocked,
    PinRequired,
    ReadFailed,
    WrongCard,
)
from warifu_card.layout import Secret
from warifu_card.transport import Transport

CHUNK = 224
"""Bytes a READ BINARY asks for: every reader passes so many (cards.md 1.1); 256 is right for most."""
_log = logging.getLogger("warifu_card")


class Card:
    """A card on a transport. It remembers which application is selected, and for which secrets a PIN was right."""

    def __init__(
        self,
        transport: Transport,
        *,
        chunk: int = CHUNK,
        knows_extended: bool = True,
        trace: Callable[[str], None] | None = None,
    ) -> None:
        self._transport = transport
        self._chunk = chunk
        self._knows_extended = knows_extended
        self._trace = trace or (lambda line: _log.debug("%s", line))
        self._application: bytes | None = None
        self._verified: set[str] = set()

    @property
    def reader(self) -> str:
        """The reader's name."""
        return self._transport.reader

    @property
    def atr(self) -> bytes:
        """Answer to reset. For display only: a card is known by its applications (cards.md 0)."""
        return self._transport.atr

    def send(self, command: Command) -> Response:
        """Send one command. Raises what the transport raises, and `ReadFailed` when no status word came."""
        return apdu.exchange(self._transport.transmit, command, trace=self._trace, knows_extended=self._knows_extended)

    def open(self, application: bytes) -> None:
        """Select an application by its whole name; forgets PINs that were verified in another.

        Raises `WrongCard` when the card has none of that name.
        """
        if self._application == application:
            return
        self._application = None
        self._verified.clear()
        answer = self.send(Command(0x00, apdu.SELECT, 0x04, 0x0C, application))
        if answer.status in (0x6A82, 0x6A81, 0x6A86, 0x6D00, 0x6E00, 0x6999):
            raise WrongCard
        _check(answer)
        self._application = application

    def reopen(self) -> None:
        """Select the same application again: the card forgets every PIN (cards.md 1.4)."""
        application, self._application = self._application, None
        if application is not None:
            self.open(application)

    def select(self, file: int) -> None:
        """Select an elementary file of the application. Raises `NotOnThisCard`."""
        answer = self.send(Command(0x00, apdu.SELECT, 0x02, 0x0C, file.to_bytes(2, "big")))
        if answer.status == 0x6A82:
            raise NotOnThisCard
        _check(answer)

    def read(self, application: bytes, file: int) -> bytes:
        """The object at the start of a file, cut at its own length, without filler.

        Raises `PinRequired`, `MalformedData`, `NotOnThisCard`.
        """
        self.open(application)
        self.select(file)
        start = self._read_at(0, 7)
        _tag, size, length = tlv.header(start)
        total = size + length
        data = start + (self._read_up_to(len(start), total) if total > len(start) else b"")
        return data[:total]

    def read_bytes(self, application: bytes, file: int, length: int) -> bytes:
        """So many bytes of a file, with filler. Raises like `read`."""
        self.open(application)
        self.select(file)
        return self._read_up_to(0, length)

    def read_record(self, application: bytes, file: int, number: int) -> bytes:
        """One record of a file. Raises like `read`."""
        self.open(application)
        self.select(file)
        answer = self.send(Command(0x00, apdu.READ_RECORD, number, 0x0C, le=256))
        _check(answer)
        return answer.data

    def tries(self, secret: Secret) -> int | None:
        """How many tries are left; costs none. None when the card sets no limit or will not say.

        A card that has just taken the PIN may answer 9000: then all of them are left.
        Raises `NotOnThisCard`, `WrongCard`.
        """
        self.open(secret.application)
        self.select(secret.file)
        return self._ask_tries(secret)

    def verify(self, secret: Secret, typed: str, *, use_last_try: bool = False) -> None:
        """Show a PIN to the card, once.

        The form is checked first, the counter asked next, and with one try left nothing is sent unless `use_last_try`
        says so. Raises `PinMalformed`, `PinLocked`, `LastTry`, `PinIncorrect`, `AnswerLost`.
        """
        value = secret.encoded(typed)
        self._present(secret, Command(0x00, apdu.VERIFY, 0x00, 0x80, value), use_last_try=use_last_try)
        self._verified.add(secret.name)

    def change(self, secret: Secret, old: str, new: str, *, use_last_try: bool = False) -> None:
        """Set a new PIN after the old one was right (00 24 01 80; 80 32 00 80 in the resident register, cards.md 1.4).

        Raises like `verify`; both forms are checked before the card hears anything.
        """
        value = secret.encoded(new)
        self.verify(secret, old, use_last_try=use_last_try)
        is_old_form = secret.name == "resident"
        cla, ins, p1 = (0x80, 0x32, 0x00) if is_old_form else (0x00, apdu.CHANGE, 0x01)
        _check(self.send(Command(cla, ins, p1, 0x80, value)))

    def has_verified(self, secret: Secret) -> bool:
        """Whether this PIN was right since the application was selected."""
        return secret.name in self._verified

    def sign(self, key: int, digest_info: bytes) -> bytes:
        """The card's signature over a DigestInfo (80 2A 00 80, PKCS#1 v1.5), with a key of the selected application.

        Raises `PinRequired`, `CardRefused`.
        """
        self.select(key)
        answer = self.send(Command(0x80, apdu.SIGN, 0x00, 0x80, digest_info, 256))
        _check(answer)
        return answer.data

    def sign_with_own_key(self, digest_info: bytes) -> bytes:
        """The same with the card's own key in 券面事項入力補助 (80 2A 00 00, cards.md 1.5)."""
        answer = self.send(Command(0x80, apdu.SIGN, 0x00, 0x00, digest_info, 256))
        _check(answer)
        return answer.data

    def _present(self, secret: Secret, command: Command, *, use_last_try: bool) -> None:
        left = self.tries(secret)
        if left == 0:
            raise PinLocked(pin=secret.words)
        if left == 1 and not use_last_try:
            raise LastTry(pin=secret.words)
        try:
            answer = self.send(command)
        except ReadFailed:
            self._ask_after_silence(secret, left)
            return
        status = answer.status
        if status >> 4 == 0x63C and status & 0xF:
            raise PinIncorrect(status & 0xF, pin=secret.words)
        if status in (0x63C0, 0x6983, 0x6984):
            raise PinLocked(pin=secret.words)
        _check(answer)

    def _ask_after_silence(self, secret: Secret, before: int | None) -> None:
        """No status word came back: the counter says whether the PIN was wrong, and nothing is assumed beyond it."""
        try:
            after = self._ask_tries(secret)
        except CardFault as fault:
            raise AnswerLost(pin=secret.words) from fault
        if after == 0:
            raise PinLocked(pin=secret.words)
        if before is not None and after is not None and after < before:
            raise PinIncorrect(after, pin=secret.words)
        raise AnswerLost(pin=secret.words)

    def _ask_tries(self, secret: Secret) -> int | None:
        answer = self.send(Command(0x00, apdu.VERIFY, 0x00, 0x80))
        if answer.status in (0x6700, 0x6A86):
            answer = self.send(Command(0x00, apdu.VERIFY, 0x00, 0x80, le=256))  # some stacks want 0020008000
        if answer.status >> 4 == 0x63C:
            return answer.status & 0xF
        if answer.status in (0x6983, 0x6984):
            return 0
        if answer.status == apdu.GOOD:
            return secret.tries
        if answer.status >> 8 == 0x63:
            return None
        _check(answer)
        return None

    def _read_up_to(self, start: int, total: int) -> bytes:
        if total > tlv.LONGEST:
            raise MalformedData
        data = b""
        while start + len(data) < total:
            data += self._read_at(start + len(data), min(self._chunk, total - start - len(data)))
        return data

    def _read_at(self, offset: int, wanted: int) -> bytes:
        answer = self.send(Command(0x00, apdu.READ_BINARY, offset >> 8, offset & 0xFF, le=wanted))
        if answer.status not in (apdu.GOOD, 0x6282):
            _check(answer)
        if not answer.data or len(answer.data) > wanted:
            raise MalformedData
        return answer.data


def _check(answer: Response) -> None:
    """Raise what the status word means (cards.md 1.7)."""
    status = answer.status
    if status == apdu.GOOD:
        return
    if status in (0x6982, 0x6985, 0x6986):
        raise PinRequired
    if status in (0x6A82, 0x6A88):
        raise NotOnThisCard
    raise CardRefused(status)
