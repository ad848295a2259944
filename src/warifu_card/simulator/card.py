"""The software card: counters that lock and come back, files that want a PIN, keys that sign, a person who lifts it.

It answers what cards.md 1 says a My Number Card answers, was written from it, and proves nothing about real cards.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding

from warifu_card import apdu, layout, tlv
from warifu_card.apdu import Command, Response
from warifu_card.digests import digest_info_of
from warifu_card.faults import CardRemoved, MalformedData
from warifu_card.layout import Kind
from warifu_card.simulator.authority import USES, Authority
from warifu_card.simulator.personas import Persona

CONTACTLESS = bytes.fromhex("3B888001000005E0B381A1007F")
_NEVER = -1


@dataclass
class Counter:
    """One secret of the card: its value and how many tries are left of how many."""

    value: bytes = field(repr=False)
    left: int
    most: int


@dataclass(frozen=True)
class Key:
    """A private key and the secret that opens it."""

    private: rsa.RSAPrivateKey = field(repr=False)
    wants: int


@dataclass
class Application:
    """Files by id, with the secrets any of which opens them; secrets and keys by id; records of a file."""

    files: dict[int, bytes] = field(default_factory=dict, repr=False)
    wants: dict[int, tuple[int, ...]] = field(default_factory=dict)
    secrets: dict[int, Counter] = field(default_factory=dict)
    keys: dict[int, Key] = field(default_factory=dict)
    records: dict[int, bytes] = field(default_factory=dict, repr=False)
    own_key: rsa.RSAPrivateKey | None = field(default=None, repr=False)


class SimulatedCard:
    """A card that is there until it is lifted. Nothing about it is thread-safe: a reader asks one thing at a time."""

    def __init__(self, applications: dict[bytes, Application], *, atr: bytes = CONTACTLESS) -> None:
        self.atr = atr
        self.is_there = True
        self.heard = 0
        self.piece: int | None = None
        self._applications = applications
        self._delay = 0.0
        self._sleep: Callable[[float], None] = time.sleep
        self._lift_after = self._fail_at = _NEVER
        self._does_it = False
        self._failure = b""
        self.reset()

    def answer(self, command: bytes) -> bytes:
        """Data and status word. Raises `CardRemoved` when the card is lifted at this command."""
        if not self.is_there:
            raise CardRemoved
        self.heard += 1
        if self._delay:
            self._sleep(self._delay)
        if self._lift_after == 0:
            if self._does_it:
                self._do(command)
            self.lift()
            raise CardRemoved
        self._lift_after -= self._lift_after > 0
        if self._fail_at == 0:
            self._fail_at = _NEVER
            if self._does_it:
                self._do(command)
            return self._failure
        self._fail_at -= self._fail_at > 0
        return self._do(command)

    def reset(self) -> None:
        """Forget what was selected and verified; counters stay."""
        self._application: Application | None = None
        self._file: int | None = None
        self._open: set[int] = set()
        self._chain = b""
        self._waiting = b""

    def lift(self) -> None:
        """Take the card away."""
        self.is_there = False
        self._lift_after = _NEVER
        self.reset()

    def put_back(self) -> None:
        """Put it on the reader again."""
        self.is_there = True
        self.reset()

    def remove_after(self, commands: int, *, does_it: bool = False) -> None:
        """Be lifted after so many more commands: before the next is heard or, with `does_it`, before it is answered."""
        self._lift_after, self._does_it = commands, does_it

    def fail_after(self, commands: int, answer: bytes = b"", *, does_it: bool = False) -> None:
        """Give this answer, or none, once after so many more commands; with `does_it` the card did what it was told."""
        self._fail_at, self._failure, self._does_it = commands, answer, does_it

    def be_slow(self, seconds: float, *, sleep: Callable[[float], None] = time.sleep) -> None:
        """Think so long over every command."""
        self._delay, self._sleep = seconds, sleep

    def answer_in_pieces(self, size: int) -> None:
        """Give long answers by GET RESPONSE, as T=0 does."""
        self.piece = size

    def unlock(self, secret: layout.Secret, new: str) -> None:
        """What the municipal office does: a new PIN, all tries again."""
        counter = self._applications[secret.application].secrets[secret.file]
        counter.value, counter.left = secret.encoded(new), counter.most

    def counters(self) -> dict[str, int]:
        """Tries left by the secret's name, as one looks into a simulator and not into a card."""
        known = (*layout.FOUR_SECRETS, layout.NUMBER_KEY, layout.FACE_KEY)
        return {
            secret.name: self._applications[secret.application].secrets[secret.file].left
            for secret in known
            if secret.application in self._applications
            and secret.file in self._applications[secret.application].secrets
        }

    def pins(self) -> dict[str, str]:
        """The PINs that a person can change, as one looks into a simulator and not into a card."""
        return {
            secret.name: self._applications[secret.application].secrets[secret.file].value.decode("ascii")
            for secret in layout.FOUR_SECRETS
            if secret.name in self.counters()
        }

    def set_counters(self, left: dict[str, int]) -> None:
        """Take over counters of an earlier time."""
        for secret in (*layout.FOUR_SECRETS, layout.NUMBER_KEY, layout.FACE_KEY):
            application = self._applications.get(secret.application)
            if secret.name in left and application is not None and secret.file in application.secrets:
                application.secrets[secret.file].left = left[secret.name]

    def flaw(self, application: bytes, file: int, content: bytes) -> None:
        """Put other bytes into a file: cards are hostile input."""
        self._applications[application].files[file] = content

    def _do(self, raw: bytes) -> bytes:
        try:
            command = Command.decode(raw)
        except MalformedData:
            return _status(0x6700)
        if command.cla & 0x10:
            self._chain += command.data
            return _status(apdu.GOOD)
        if self._chain:
            command = Command(command.cla, command.ins, command.p1, command.p2, self._chain + command.data, command.le)
            self._chain = b""
        return self._in_pieces(self._obey(command), command)

    def _in_pieces(self, answer: Response, command: Command) -> bytes:
        if command.ins != apdu.GET_RESPONSE:
            self._waiting = b""
        if self.piece is None or len(answer.data) <= self.piece or not answer.is_good:
            return answer.encode()
        self._waiting = answer.data[self.piece :]
        return Response(answer.data[: self.piece], 0x6100 | min(len(self._waiting), 255)).encode()

    def _obey(self, command: Command) -> Response:
        if command.ins == apdu.GET_RESPONSE:
            data, self._waiting = self._waiting, b""
            return Response(data, apdu.GOOD) if data else Response(b"", 0x6985)
        if command.ins == apdu.SELECT:
            return self._select(command)
        if self._application is None:
            return Response(b"", 0x6985)
        do = {
            (0x00, apdu.READ_BINARY): self._read,
            (0x00, apdu.READ_RECORD): self._read_record,
            (0x00, apdu.VERIFY): self._verify,
            (0x00, apdu.CHANGE): self._change,
            (0x80, 0x32): self._change,
            (0x80, apdu.SIGN): self._sign,
        }.get((command.cla, command.ins))
        return Response(b"", 0x6D00) if do is None else do(self._application, command)

    def _select(self, command: Command) -> Response:
        if command.p1 == 0x04:
            matching = [name for name in self._applications if command.data and name.startswith(command.data)]
            if not matching:
                return Response(b"", 0x6A82)
            self.reset()
            self._application = self._applications[matching[0]]
            return Response(b"", apdu.GOOD)
        if command.p1 != 0x02 or len(command.data) != 2 or self._application is None:
            return Response(b"", 0x6A86)
        file = int.from_bytes(command.data, "big")
        if not self._has(self._application, file):
            self._file = None
            return Response(b"", 0x6A82)
        self._file = file
        return Response(b"", apdu.GOOD)

    @staticmethod
    def _has(application: Application, file: int) -> bool:
        return any(
            file in part for part in (application.files, application.secrets, application.keys, application.records)
        )

    def _read(self, application: Application, command: Command) -> Response:
        if command.p1 & 0x80:
            file, offset = command.p1 & 0x1F, command.p2
        else:
            file, offset = self._file or 0, command.p1 << 8 | command.p2
        if file not in application.files:
            return Response(b"", 0x6986 if self._file is None else 0x6A82)
        wants = application.wants.get(file, ())
        if wants and not self._open & set(wants):
            return Response(b"", 0x6982)
        content = application.files[file]
        if offset >= len(content):
            return Response(b"", 0x6B00)
        return Response(content[offset : offset + (command.le or 256)], apdu.GOOD)

    def _read_record(self, application: Application, command: Command) -> Response:
        if self._file not in application.records or command.p1 != 1:
            return Response(b"", 0x6A83)
        return Response(application.records[self._file], apdu.GOOD)

    def _counter(self, application: Application, command: Command) -> tuple[int, Counter] | None:
        file = command.p2 & 0x1F or self._file or 0
        counter = application.secrets.get(file)
        return None if counter is None else (file, counter)

    def _verify(self, application: Application, command: Command) -> Response:
        found = self._counter(application, command)
        if found is None:
            return Response(b"", 0x6A88)
        file, counter = found
        if not command.data:
            return Response(b"", 0x63C0 | counter.left)
        if counter.left == 0:
            return Response(b"", 0x6984)
        if command.data == counter.value:
            counter.left = counter.most
            self._open.add(file)
            return Response(b"", apdu.GOOD)
        counter.left -= 1
        self._open.discard(file)
        return Response(b"", 0x63C0 | counter.left)

    def _change(self, application: Application, command: Command) -> Response:
        found = self._counter(application, command)
        if found is None:
            return Response(b"", 0x6A88)
        file, counter = found
        if file not in self._open:
            return Response(b"", 0x6982)
        if not command.data:
            return Response(b"", 0x6700)
        counter.value, counter.left = command.data, counter.most
        return Response(b"", apdu.GOOD)

    def _sign(self, application: Application, command: Command) -> Response:
        if command.p1 != 0x00:
            return Response(b"", 0x6A86)
        if command.p2 == 0x00 and application.own_key is not None:
            private = application.own_key
        else:
            key = application.keys.get(command.p2 & 0x1F or self._file or 0)
            if key is None:
                return Response(b"", 0x6986)
            if key.wants not in self._open:
                return Response(b"", 0x6982)
            private = key.private
        if not 1 <= len(command.data) <= 245:
            return Response(b"", 0x6700)
        return Response(_signature(private, command.data), apdu.GOOD)


def make(persona: Persona, authority: Authority) -> SimulatedCard:
    """The card of a persona."""
    applications: dict[bytes, Application] = {}
    if persona.kind is not Kind.UNKNOWN:
        applications[layout.JPKI_AP] = _jpki(persona, authority)
    if persona.kind is Kind.MY_NUMBER_CARD:
        applications[layout.PROFILE_AP] = _profile(persona, authority)
        applications[layout.SURFACE_AP] = _surface(persona, authority)
        applications[layout.RESIDENT_AP] = _resident(persona)
        applications[layout.COMMON_AP] = Application(records={0x0001: b"01" + _card_number(persona).encode()})
    card = SimulatedCard(applications)
    card.set_counters(persona.tries)
    return card


def attributes_file(persona: Persona) -> bytes:
    """EF 0002 of 券面事項入力補助: a table of offsets and four objects (cards.md 1.5)."""
    parts = [
        tlv.encode(0xDF22, persona.name.encode()),
        tlv.encode(0xDF23, persona.address.encode()),
        tlv.encode(0xDF24, f"{persona.birth_date:%Y%m%d}".encode()),
        tlv.encode(0xDF25, persona.sex.value.encode()),
    ]
    table = bytes(11)
    size = len(tlv.encode(0xFF20, table + b"".join(parts))) - len(table) - sum(len(part) for part in parts)
    offset, offsets = size + len(table), b""
    for part in parts:
        offsets += offset.to_bytes(2, "big")
        offset += len(part)
    return tlv.encode(0xFF20, tlv.encode(0xDF21, offsets) + b"".join(parts))


def _jpki(persona: Persona, authority: Authority) -> Application:
    labels = {kind: label for label, kind in layout.LABELS.items()}
    is_in_phone = persona.kind in (Kind.ANDROID, Kind.IPHONE)
    application = Application(
        files={
            0x0006: _token_info(labels[persona.kind]),
            0x0008: bytes(0x8F if use in persona.certificates else 0 for use in ("sign", "auth")) + b"\0",
        }
    )
    places = {"sign": (0x0001, 0x0002, 0x001A, layout.SIGN_PASSWORD), "auth": (0x000A, 0x000B, 0x0017, layout.AUTH_PIN)}
    for use in USES:
        certificate, root, key, secret = places[use]
        if use not in persona.certificates:
            continue
        application.files[certificate] = _filled(authority.certify(persona, use))
        application.files[root] = _filled(authority.root(use, persona.generation).public_bytes(Encoding.DER))
        application.keys[key] = Key(authority.leaf_key(persona, use), secret.file)
        application.secrets[secret.file] = _counter(secret, persona.pins[secret.name])
        if use == "sign" or is_in_phone:
            application.wants[certificate] = (secret.file,)
    return application


def _profile(persona: Persona, authority: Authority) -> Application:
    number = tlv.encode(0xFF10, persona.number.encode()) + b"\xff\xff"
    attributes = attributes_file(persona)
    pin, key_a, key_b = layout.PROFILE_PIN, layout.PROFILE_NUMBER_KEY, layout.PROFILE_FACE_KEY
    any_of = (pin.file, key_a.file, key_b.file)
    return Application(
        files={
            0x0001: number,
            0x0002: _filled(attributes),
            0x0003: authority.profile_signature(number, attributes),
            0x0004: authority.issuer_certificate(),
            0x0005: _info(persona),
            0x0007: _filled(authority.card_key(persona)),
        },
        wants={
            0x0001: (pin.file, key_a.file), 0x0002: (pin.file, key_b.file), 0x0003: any_of, 0x0007: any_of,
        },
        secrets={
            pin.file: _counter(pin, persona.pins[pin.name]),
            0x0012: Counter(b"", 0, 0),
            key_a.file: _counter(key_a, persona.number),
            key_b.file: _counter(key_b, persona.face_key),
        },
        own_key=authority.keys.rsa(f"{persona.id}-card"),
    )  # fmt: skip


def _surface(persona: Persona, authority: Authority) -> Application:
    """Pictures are marks of bytes only: what is in them is not documented well enough to be drawn."""
    number_key, face_key = layout.NUMBER_KEY, layout.FACE_KEY
    picture = b"\x89PNG\r\n\x1a\n" + persona.id.encode()
    parts = [
        (0xDF22, f"{persona.birth_date:%Y%m%d}".encode()), (0xDF23, persona.sex.value.encode()),
        (0xDF24, authority.card_key(persona)[:16]), (0xDF25, picture), (0xDF26, picture),
        (0xDF27, b"\0\0\0\x0cjP  \r\n\x87\n"), (0xDF28, bytes(256)), (0xDF29, f"{persona.card_expiry:%Y%m%d}".encode()),
        (0xDF2A, picture),
    ]  # fmt: skip
    face = tlv.encode(0xFF20, tlv.encode(0xDF21, bytes(18)) + b"".join(tlv.encode(tag, value) for tag, value in parts))
    return Application(
        files={0x0002: _filled(face), 0x0005: _filled(tlv.encode(0xFF40, tlv.encode(0xDF41, picture)))},
        wants={0x0002: (number_key.file, face_key.file), 0x0005: (number_key.file,)},
        secrets={
            number_key.file: _counter(number_key, persona.number),
            face_key.file: _counter(face_key, persona.face_key),
        },
    )


def _resident(persona: Persona) -> Application:
    secret = layout.RESIDENT_PIN
    return Application(
        files={0x0002: hashlib.sha256(persona.id.encode()).digest()[:16]},
        wants={0x0002: (secret.file,)},
        secrets={secret.file: _counter(secret, persona.pins[secret.name])},
    )


def _counter(secret: layout.Secret, value: str) -> Counter:
    most = secret.tries or 10
    return Counter(secret.encoded(value), most, most)


def _card_number(persona: Persona) -> str:
    return "T" + hashlib.sha256(persona.id.encode()).hexdigest()[:12].upper()


def _info(persona: Persona) -> bytes:
    inside = tlv.encode(0xDF41, bytes(4)) + tlv.encode(0xDF42, _card_number(persona).encode().ljust(16)[:16])
    return tlv.encode(0xFF40, inside + tlv.encode(0xDF43, bytes(128))).ljust(256, b"\xff")


def _token_info(label: str) -> bytes:
    """EF 0006: a CK_TOKEN_INFO of 160 bytes (cards.md 1.2)."""
    texts = label.ljust(32) + "WARIFU-TEST".ljust(32) + "SIMULATED".ljust(16) + "0" * 16
    figures = b"".join(value.to_bytes(4, "big") for value in (0x040D, 0, 0, 0, 0, 16, 4, 0, 0, 0, 0))
    return texts.encode("ascii") + figures + bytes(4) + b" " * 16


def _filled(content: bytes) -> bytes:
    """Files have filler behind their object."""
    return content + b"\xff" * 16


def _signature(key: rsa.RSAPrivateKey, given: bytes) -> bytes:
    """A DigestInfo of SHA-256, which is all that readers send, goes the fast way."""
    if len(given) == 51 and given == digest_info_of(given[19:]):
        return key.sign(given[19:], padding.PKCS1v15(), Prehashed(hashes.SHA256()))
    return _raw_signature(key, given)


def _raw_signature(key: rsa.RSAPrivateKey, given: bytes) -> bytes:
    """Scheme 00: the bytes as they are, padded (type 1), and the private operation; not constant in time."""
    numbers = key.private_numbers()
    size = key.key_size // 8
    padded = b"\0\1" + b"\xff" * (size - 3 - len(given)) + b"\0" + given
    message = int.from_bytes(padded, "big")
    one = pow(message, numbers.dmp1, numbers.p)
    other = pow(message, numbers.dmq1, numbers.q)
    result = other + numbers.q * ((one - other) * numbers.iqmp % numbers.p)
    return result.to_bytes(size, "big")


def _status(word: int) -> bytes:
    return word.to_bytes(2, "big")
