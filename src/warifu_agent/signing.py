"""What is signed for a page or a server, and what the person is told of it before the PIN (cards.md 4.3)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from warifu_agent.dialogue import Dialogue
from warifu_agent.faults import PurposeUnknown, Stopped
from warifu_agent.reading import STEPS, Shown, Work
from warifu_agent.settings import Order
from warifu_agent.words import Words
from warifu_card import jpki, profile, token
from warifu_card.card import Card
from warifu_card.certificate import Certificate
from warifu_card.faults import PinRequired, TokenMalformed
from warifu_card.layout import AUTH_PIN, PROFILE_PIN

Answer = dict[str, str]
"""`token` and `profile`, each as the JSON text that travels."""

_WHO_ASKS = Words("だれが何のために", "Who asks, and what for")
_SITE = Words("サイト　: {origin}\n目的　　: {what}", "Site:    {origin}\nPurpose: {what}")
_FOR = Words(
    "サイト　: {origin}\n組織　　: {organisation}\n利用者　: {who}\n目的　　: {what}",
    "Site:         {origin}\nOrganisation: {organisation}\nPerson:       {who}\nPurpose:      {what}",
)
_ONLY_IF = Words(
    "自分で始めた操作のときだけ、進んでください。電話やメールで頼まれたときは、やめてください。",
    "Go on only if you began this yourself. Stop if somebody asked you to by telephone or mail.",
)
_GOES = Words(
    "カードから読むもの: {read}\n送り先: {origin} だけ", "Read from the card: {read}\nSent to: {origin} alone"
)
_GOES_PAST_THE_PAGE = Words(
    "カードから読むもの: {read}\n送り先: {origin} だけ(ブラウザーの画面には渡しません)",
    "Read from the card: {read}\nSent to: {origin} alone (never to the page in the browser)",
)
_GO_ON = Words("続けますか", "Go on")
_HOW = Words("どちらの順で進めますか", "In which order")
_CARD_FIRST = Words("カードを先に置く(置いたまま暗証番号を入れる)", "Card first (it stays while the PIN is typed)")
_PIN_FIRST = Words("暗証番号を先に入れる(そのあとカードを一度置く)", "PIN first (then the card is put down once)")
_STOP = Words("やめる", "Stop")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One purpose: how it is called, what is read, and which parts the answer has.

    `commands`: about how many after the PIN was asked for; `_LOOK` come before, where there is a token.
    """

    words: Words
    read: Words
    has_token: bool
    has_profile: bool
    has_number: bool = False
    commands: int


_LOOK = 9
_CERTIFICATE = Words("利用者証明用電子証明書", "the authentication certificate")
KINDS = {
    "login": Kind(
        words=Words("サインイン", "Sign in"), read=_CERTIFICATE, has_token=True, has_profile=False, commands=11
    ),
    "enrol": Kind(
        words=Words("このカードをサインインに使えるようにする", "Let this card be used to sign in"),
        read=_CERTIFICATE,
        has_token=True,
        has_profile=False,
        commands=11,
    ),
    "verify": Kind(
        words=Words("本人確認", "Prove who you are"),
        read=Words(
            "利用者証明用電子証明書、氏名・住所・生年月日・性別(個人番号は読みません)",
            "the authentication certificate; name, address, birth date and sex (the My Number is not read)",
        ),
        has_token=True,
        has_profile=True,
        commands=41,
    ),
    "hand-in": Kind(
        words=Words("個人番号(マイナンバー)の提出", "Hand in the My Number"),
        read=Words("個人番号、氏名・住所・生年月日・性別", "the My Number; name, address, birth date and sex"),
        has_token=False,
        has_profile=True,
        has_number=True,
        commands=30,
    ),
    "mykey": Kind(
        words=Words("マイキーIDの予約と発行", "Reserve and issue the MyKey ID"),
        read=_CERTIFICATE,
        has_token=True,
        has_profile=False,
        commands=11,
    ),
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What somebody asks to be signed. `purpose` is the server's text, byte for byte."""

    origin: str
    nonce: str
    purpose: str
    organisation: str = ""

    @property
    def values(self) -> dict[str, str]:
        """What the purpose says. Raises `PurposeUnknown` for one that cannot be explained to the person."""
        try:
            found = token.read_purpose(self.purpose)
            token.signed_bytes(origin=self.origin, nonce=self.nonce, purpose=self.purpose)
        except TokenMalformed:
            raise PurposeUnknown from None
        fits = found.keys() == {"a"} if found["a"] == "login" else found.keys() - {"o"} == {"a", "n", "u"}
        if found["a"] not in KINDS or not fits or not found.get("n", "-").isprintable():
            raise PurposeUnknown
        return found

    def insist_is(self, action: str) -> None:
        """A page may ask for one purpose only. Raises `PurposeUnknown`."""
        if self.values["a"] != action:
            raise PurposeUnknown

    @property
    def kind(self) -> Kind:
        """How the purpose is called and what it takes. Raises `PurposeUnknown`."""
        return KINDS[self.values["a"]]


def agreed(asked: Asked, *, dialogue: Dialogue, order: Order | None) -> Order:
    """Show who asks and what for, and hear the order, before anything of the card is touched.

    Raises `Stopped`, `PurposeUnknown`.
    """
    kind, who = asked.kind, asked.values.get("n", "")
    dialogue.heading(_WHO_ASKS, step=1, of=STEPS)
    if who:
        about = Words(
            _FOR.ja.format(origin=asked.origin, organisation=asked.organisation, who=who, what=kind.words.ja),
            _FOR.en.format(origin=asked.origin, organisation=asked.organisation, who=who, what=kind.words.en),
        )
    else:
        about = Words(
            _SITE.ja.format(origin=asked.origin, what=kind.words.ja),
            _SITE.en.format(origin=asked.origin, what=kind.words.en),
        )
    dialogue.tell(about)
    goes = _GOES_PAST_THE_PAGE if who else _GOES
    dialogue.tell(
        Words(
            goes.ja.format(read=kind.read.ja, origin=asked.origin),
            goes.en.format(read=kind.read.en, origin=asked.origin),
        )
    )
    dialogue.tell(_ONLY_IF)
    if order is not None:
        if not dialogue.confirm(_GO_ON):
            raise Stopped
        return order
    ways = [("card-first", _CARD_FIRST), ("pin-first", _PIN_FIRST), ("stop", _STOP)]
    chosen = dialogue.choose(_HOW, ways, default="card-first")
    if chosen == "stop":
        raise Stopped
    return "pin-first" if chosen == "pin-first" else "card-first"


def work(asked: Asked, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> Work[Answer]:
    """What is done with the card for a purpose. Raises `PurposeUnknown`."""
    kind = asked.kind
    message = token.signed_bytes(origin=asked.origin, nonce=asked.nonce, purpose=asked.purpose)

    seen: list[Certificate] = []

    def look(card: Card) -> None:
        seen.clear()
        if kind.has_token:
            with suppress(PinRequired):
                seen.append(_valid(jpki.certificate(card, jpki.AUTH), now()))

    def do(card: Card, shown: dict[str, Shown]) -> Answer:
        answer: Answer = {}
        if kind.has_token:
            answer["token"] = _token(card, shown[AUTH_PIN.name], message, seen, now())
        if kind.has_profile:
            pin = shown[PROFILE_PIN.name]
            answer["profile"] = profile.read_evidence(
                card, pin.typed, challenge=message, with_number=kind.has_number, use_last_try=pin.use_last_try
            ).to_json()
        return answer

    secrets = (*((AUTH_PIN,) if kind.has_token else ()), *((PROFILE_PIN,) if kind.has_profile else ()))
    return Work(
        secrets=secrets, commands=kind.commands, commands_of_look=_LOOK if kind.has_token else 0, look=look, do=do
    )


def _valid(certificate: Certificate, at: datetime) -> Certificate:
    certificate.check_dates(at)
    return certificate


def _token(card: Card, pin: Shown, message: bytes, seen: list[Certificate], at: datetime) -> str:
    """`seen` holds the certificate, where it could be read without the PIN; that of a phone cannot."""
    [own] = seen or [_valid(jpki.certificate(card, jpki.AUTH, pin.typed, use_last_try=pin.use_last_try), at)]
    signature = jpki.sign(card, jpki.AUTH, pin.typed, message, use_last_try=pin.use_last_try)
    return token.Token(algorithm=jpki.ALGORITHM, certificate=own.der, signature=signature).to_json()
