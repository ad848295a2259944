"""Reading a certificate far enough to show it, with a strict reader of our own: the card's bytes are hostile input.

Whether a certificate is genuine is the server's question, answered there by a library for it (cards.md 4.3).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from warifu_card import tlv
from warifu_card.faults import CertificateExpired, CertificateNotYetValid, MalformedData
from warifu_card.tlv import Tlv

_ATTRIBUTES = {"2.5.4.3": "CN", "2.5.4.6": "C", "2.5.4.7": "L", "2.5.4.8": "ST", "2.5.4.10": "O", "2.5.4.11": "OU"}
_TEXT_TAGS = {0x0C: "utf-8", 0x13: "ascii", 0x16: "ascii", 0x1E: "utf-16-be"}
JPKI = "1.2.392.200149.8.5"
"""The arc of JPKI's own identifiers."""
_PARTICULARS = {
    f"{JPKI}.5.1": "name",
    f"{JPKI}.5.2": "name_substitutes",
    f"{JPKI}.5.3": "sex",
    f"{JPKI}.5.4": "birth_date",
    f"{JPKI}.5.5": "address",
    f"{JPKI}.5.6": "address_substitutes",
}
Usage = Literal["digitalSignature", "nonRepudiation", "other"]


@dataclass(frozen=True)
class Certificate:
    """What a certificate says; `particulars` are name, address, birth date, sex in one for signing (cards.md 2.2)."""

    der: bytes = field(repr=False)
    serial: int = field(repr=False)
    subject: tuple[tuple[str, str], ...] = field(repr=False)
    issuer: tuple[tuple[str, str], ...]
    not_before: datetime
    not_after: datetime
    key_usage: tuple[Usage, ...]
    policies: tuple[str, ...]
    particulars: dict[str, str] = field(repr=False)

    @property
    def issuer_name(self) -> str:
        """The issuer in one line."""
        return ", ".join(f"{name}={value}" for name, value in self.issuer)

    def check_dates(self, at: datetime) -> None:
        """Raises `CertificateExpired` or `CertificateNotYetValid`."""
        if at > self.not_after:
            raise CertificateExpired(day=f"{self.not_after:%Y-%m-%d}")
        if at < self.not_before:
            raise CertificateNotYetValid(day=f"{self.not_before:%Y-%m-%d}")


def read(der: bytes) -> Certificate:
    """The certificate in exactly these bytes. Raises `MalformedData`: any other form, or bytes behind it."""
    try:
        return _read(der)
    except (ValueError, IndexError, OverflowError, UnicodeError) as error:
        raise MalformedData from error


def _read(der: bytes) -> Certificate:
    whole = tlv.first(der, tag=0x30)
    if len(whole.raw) != len(der):
        raise MalformedData
    body, _algorithm, _signature = _exactly(whole, 3)
    fields = _expect(body, 0x30).children()
    if fields and fields[0].tag == 0xA0:
        fields = fields[1:]
    if len(fields) < 6:
        raise MalformedData
    serial, _algorithm, issuer, validity, subject, _key, *rest = fields
    not_before, not_after = _exactly(validity, 2)
    usage, policies, particulars = _extensions(rest)
    return Certificate(
        der=der,
        serial=int.from_bytes(_expect(serial, 0x02).value, "big", signed=True),
        subject=_name(subject),
        issuer=_name(issuer),
        not_before=_moment(not_before),
        not_after=_moment(not_after),
        key_usage=usage,
        policies=policies,
        particulars=particulars,
    )


def _extensions(rest: list[Tlv]) -> tuple[tuple[Usage, ...], tuple[str, ...], dict[str, str]]:
    usage: tuple[Usage, ...] = ()
    policies: tuple[str, ...] = ()
    particulars: dict[str, str] = {}
    seen: set[str] = set()
    for holder in (one for one in rest if one.tag == 0xA3):
        (sequence,) = _exactly(holder, 1)
        for extension in sequence.children():
            identifier, *flags, value = extension.children()
            name = _identifier(identifier)
            if name in seen or len(flags) > 1:
                raise MalformedData
            seen.add(name)
            content = tlv.first(_expect(value, 0x04).value)
            if name == "2.5.29.15":
                usage = _usage(content)
            elif name == "2.5.29.32":
                policies = tuple(_identifier(one.children()[0]) for one in content.children())
            elif name == "2.5.29.17":
                particulars = _alternative_names(content)
    return usage, policies, particulars


def _alternative_names(content: Tlv) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in content.children():
        if one.tag != 0xA0:
            continue
        identifier, explicit = _exactly(one, 2)
        name = _PARTICULARS.get(_identifier(identifier))
        if name is None:
            continue
        if name in found:
            raise MalformedData
        (text,) = _exactly(explicit, 1)
        found[name] = _text(text)
    return found


def _usage(content: Tlv) -> tuple[Usage, ...]:
    bits = _expect(content, 0x03).value
    if len(bits) < 2:
        raise MalformedData
    found: list[Usage] = []
    if bits[1] & 0x80:
        found.append("digitalSignature")
    if bits[1] & 0x40:
        found.append("nonRepudiation")
    if bits[1] & 0x3F or any(bits[2:]):
        found.append("other")
    return tuple(found)


def _name(sequence: Tlv) -> tuple[tuple[str, str], ...]:
    parts = []
    for relative in _expect(sequence, 0x30).children():
        for pair in _expect(relative, 0x31).children():
            identifier, value = _exactly(pair, 2)
            name = _identifier(identifier)
            parts.append((_ATTRIBUTES.get(name, name), _text(value)))
    return tuple(parts)


def _text(value: Tlv) -> str:
    if value.tag not in _TEXT_TAGS:
        raise MalformedData
    return value.value.decode(_TEXT_TAGS[value.tag])


def _moment(value: Tlv) -> datetime:
    if value.tag == 0x17:
        text = value.value.decode("ascii")
        text = ("19" if text[:2] >= "50" else "20") + text
    else:
        text = _expect(value, 0x18).value.decode("ascii")
    if len(text) != 15 or not text[:14].isdigit():
        raise MalformedData
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)


def _identifier(value: Tlv) -> str:
    octets = _expect(value, 0x06).value
    if not octets or len(octets) > 64 or octets[-1] & 0x80:
        raise MalformedData
    arcs, number = [], 0
    for octet in octets:
        number = number << 7 | octet & 0x7F
        if not octet & 0x80:
            arcs.append(number)
            number = 0
    top = min(arcs[0] // 40, 2)
    return ".".join(str(arc) for arc in (top, arcs[0] - 40 * top, *arcs[1:]))


def _expect(value: Tlv, tag: int) -> Tlv:
    if value.tag != tag:
        raise MalformedData
    return value


def _exactly(value: Tlv, count: int) -> list[Tlv]:
    found = value.children()
    if len(found) != count:
        raise MalformedData
    return found
