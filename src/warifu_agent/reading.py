"""The story with the card, told once for terminal and window, in the two orders of the phones (004-5 … 004-12).

PIN first: the PIN is typed, then the card is put down once; a wrong PIN shows only at the reading (004-7). Card first:
the card is put down, and stays while the PIN is typed and until reading has ended (004-11). Either way the bar says not
to lift the card, the counter is asked before a PIN is sent, and the last try is used only by somebody who says so.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from warifu_agent.dialogue import Dialogue
from warifu_agent.faults import FromCard, LiftedTooEarly, Stopped
from warifu_agent.settings import Order
from warifu_agent.words import Words
from warifu_card.card import Card
from warifu_card.faults import CardFault, CardRemoved, LastTry, NoCard, PinIncorrect, PinLocked, PinMalformed
from warifu_card.layout import Secret
from warifu_card.transport import Transport

T = TypeVar("T")
STEPS = 4

_PIN = Words("暗証番号", "PIN")
_CARD = Words("カードを置く", "Put the card down")
_READ = Words("読み取り", "Reading")
_HOW_TO_PUT = Words(
    "カードをケースから出し、リーダーの中央に平らに置くか、差込口に奥まで差します。金属の机の上は避けてください。",
    "Take the card out of its case and lay it flat on the middle of the reader, or push it in fully. Avoid metal.",
)
_ONCE = Words(
    "先に暗証番号を入れます。カードはまだ置かないでください。番号が違うときは、カードを読むときに分かります。",
    "The PIN comes first; do not put the card down yet. A wrong PIN shows only when the card is read.",
)
_STAYS = Words(
    "カードを置いたまま暗証番号を入れます。読み取りが終わるまで、カードを動かさないでください。",
    "The PIN is typed while the card stays where it is. Do not move the card until reading has ended.",
)
_WAITING = Words("カードを置いてください。待っています…", "Put the card down. Waiting…")
_IS_THERE = Words(
    "カードを確かめました。読み取りが終わるまで、そのままにしてください。",
    "The card is there. Leave it as it is until reading has ended.",
)
_DO_NOT_LIFT = Words("読み取っています。まだカードを離さないでください。", "Reading. Do not lift the card yet.")
_MAY_LIFT = Words("読み取りが終わりました。カードを離してかまいません。", "Reading has ended. The card may be lifted.")
_TRIES = Words("残り回数: {left}回", "Tries left: {left}")
_LAST = Words(
    "あと1回です。間違えるとロックされ、市区町村の窓口での手続が必要になります。番号は確かですか",
    "One try is left. A mistake locks it, and only the municipal office can unlock it. Are you sure of the number",
)
_AGAIN = Words("もう一度入れますか", "Enter it again")


class Cards(Protocol):
    """Where cards are put down."""

    def connect(self) -> Transport:
        """An exclusive connection to the card. Raises `NoCard` while there is none, and other `ReaderFault`s."""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a person has typed for one secret, and whether the last try may be used for it."""

    typed: str
    use_last_try: bool = False


@dataclass(frozen=True, kw_only=True)
class Work(Generic[T]):
    """What is done with the card: which secrets it takes, how many commands it is about, and the doing itself.

    `look` is what is looked at before any PIN is sent, such as an expired certificate.
    """

    secrets: tuple[Secret, ...]
    commands: int
    commands_of_look: int
    look: Callable[[Card], None]
    do: Callable[[Card, dict[str, Shown]], T]


def carried_out(
    work: Work[T],
    *,
    dialogue: Dialogue,
    cards: Cards,
    order: Order,
    report: Callable[[str], None] = lambda _step: None,
) -> T:
    """Ask for PIN and card in the order wished, and do the work. A wrong PIN may be typed again, as long as the
    person wants to. Raises `FromCard`, `LiftedTooEarly`, `Stopped`. `report` hears `insert`, `pin`, `hold`, `done`."""
    told = _Told(
        dialogue=dialogue,
        report=report,
        commands=work.commands + (work.commands_of_look if order == "pin-first" else 0),
    )
    while True:
        told.stop()
        try:
            done = _pin_first(work, told, cards) if order == "pin-first" else _card_first(work, told, cards)
        except PinIncorrect as fault:
            dialogue.tell_fault(FromCard(fault))
            if not dialogue.confirm(_AGAIN):
                raise Stopped from None
        except CardFault as fault:
            raise FromCard(fault) from fault
        else:
            dialogue.tell(_MAY_LIFT)
            report("done")
            return done


class _Told:
    """What a person sees while the card is read."""

    def __init__(self, *, dialogue: Dialogue, report: Callable[[str], None], commands: int) -> None:
        self.dialogue = dialogue
        self.report = report
        self._commands = commands
        self._count = 0
        self._is_reading = False

    def card(self, transport: Transport) -> Card:
        """The card, whose every command moves the bar."""
        return Card(transport, trace=lambda _line: self._one_more())

    def begin(self) -> None:
        """The bar begins."""
        self.dialogue.heading(_READ, step=4, of=STEPS)
        self.report("hold")
        self._count, self._is_reading = 0, True
        self.dialogue.progress(_DO_NOT_LIFT, done=0, of=self._commands)

    def stop(self) -> None:
        """No bar for now."""
        self._is_reading = False

    def end(self) -> None:
        """The bar is full."""
        self._is_reading = False
        self.dialogue.progress(_DO_NOT_LIFT, done=self._commands, of=self._commands)

    def _one_more(self) -> None:
        self._count += 1
        if self._is_reading:
            self.dialogue.progress(_DO_NOT_LIFT, done=min(self._count, self._commands - 1), of=self._commands)


def _pin_first(work: Work[T], told: _Told, cards: Cards) -> T:
    told.dialogue.heading(_PIN, step=2, of=STEPS)
    told.dialogue.tell(_ONCE)
    typed = _typed(work.secrets, told)
    told.dialogue.heading(_CARD, step=3, of=STEPS)
    told.dialogue.tell(_HOW_TO_PUT)
    with _put_down(told, cards) as transport:
        card = told.card(transport)
        told.begin()
        work.look(card)
        return _read(
            work, told, card, {name: _weighed(card, told, secret, typed[name]) for name, secret in _named(work)}
        )


def _card_first(work: Work[T], told: _Told, cards: Cards) -> T:
    told.dialogue.heading(_CARD, step=2, of=STEPS)
    told.dialogue.tell(_STAYS)
    told.dialogue.tell(_HOW_TO_PUT)
    with _put_down(told, cards) as transport:
        card = told.card(transport)
        work.look(card)
        told.dialogue.heading(_PIN, step=3, of=STEPS)
        told.dialogue.tell(_IS_THERE)
        for secret in work.secrets:
            _tell_tries(card, told, secret)
        typed = _typed(work.secrets, told)
        told.begin()
        try:
            shown = {name: _weighed(card, told, secret, typed[name]) for name, secret in _named(work)}
        except CardRemoved:
            raise LiftedTooEarly from None
        return _read(work, told, card, shown)


def _read(work: Work[T], told: _Told, card: Card, shown: dict[str, Shown]) -> T:
    done = work.do(card, shown)
    told.end()
    return done


def _put_down(told: _Told, cards: Cards) -> Transport:
    def there() -> Transport | None:
        with suppress(NoCard):
            return cards.connect()
        return None

    told.report("insert")
    return told.dialogue.wait(_WAITING, there)


def _typed(secrets: Sequence[Secret], told: _Told) -> dict[str, str]:
    """What the person types, in the form that it must have: what has another form never reaches the card."""
    told.report("pin")
    found = {}
    for secret in secrets:
        while True:
            found[secret.name] = told.dialogue.ask_secret(Words(secret.words.ja, secret.words.en))
            try:
                secret.encoded(found[secret.name])
            except PinMalformed as fault:
                told.dialogue.tell_fault(FromCard(fault))
            else:
                break
    return found


def _weighed(card: Card, told: _Told, secret: Secret, typed: str) -> Shown:
    """Whether the last try may be used, asked of the person. Raises `PinLocked`, `Stopped`."""
    left = card.tries(secret)
    if left == 0:
        raise PinLocked(pin=secret.words)
    if left != 1:
        return Shown(typed=typed)
    told.dialogue.tell_fault(FromCard(LastTry(pin=secret.words)))
    if not told.dialogue.confirm(_LAST):
        raise Stopped
    return Shown(typed=typed, use_last_try=True)


def _tell_tries(card: Card, told: _Told, secret: Secret) -> None:
    left = card.tries(secret)
    if left == 0:
        raise PinLocked(pin=secret.words)
    if left is not None:
        told.dialogue.tell(_TRIES.filled(left=left))


def _named(work: Work[T]) -> list[tuple[str, Secret]]:
    return [(secret.name, secret) for secret in work.secrets]
