"""BER-TLV as the card writes it: one strict reader for hostile input (cards.md 1.1, 1.5, 1.9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from warifu_card.faults import MalformedData

LONGEST = 32 * 1024
"""No object of the card is longer (cards.md 1.9)."""


@dataclass(frozen=True)
class Tlv:
    """One object: `raw` is all of it with its header."""

    tag: int
    value: bytes
    raw: bytes

    def children(self) -> list[Tlv]:
        """The objects inside. Raises `MalformedData`."""
        return list(objects(self.value))

    def child(self, tag: int) -> Tlv:
        """The only object inside with this tag. Raises `MalformedData`."""
        return only(self.children(), tag)


def header(data: bytes) -> tuple[int, int, int]:
    """Tag, length of the header and length of the value, from the first bytes of an object.

    Raises `MalformedData`: too few bytes, indefinite or wasteful length, or longer than `LONGEST`.
    """
    if len(data) < 2:
        raise MalformedData
    size = 1
    if data[0] & 0x1F == 0x1F:
        while True:
            if size >= min(len(data), 4):
                raise MalformedData
            size += 1
            if not data[size - 1] & 0x80:
                break
    tag = int.from_bytes(data[:size], "big")
    if len(data) <= size:
        raise MalformedData
    lead = data[size]
    size += 1
    if lead < 0x80:
        return tag, size, lead
    count = lead & 0x7F
    if not 1 <= count <= 3 or len(data) < size + count:
        raise MalformedData
    length = int.from_bytes(data[size : size + count], "big")
    if length < 0x80 or (count > 1 and length < 1 << 8 * (count - 1)) or length > LONGEST:
        raise MalformedData
    return tag, size + count, length


def first(data: bytes, *, tag: int | None = None) -> Tlv:
    """The object at the start; what follows it (the file's filler) is left alone. Raises `MalformedData`."""
    found, size, length = header(data)
    if len(data) < size + length or (tag is not None and found != tag):
        raise MalformedData
    return Tlv(found, data[size : size + length], data[: size + length])


def objects(data: bytes) -> Iterator[Tlv]:
    """The objects that fill the data to its last byte. Raises `MalformedData`."""
    at = 0
    while at < len(data):
        found = first(data[at:])
        yield found
        at += len(found.raw)


def only(found: list[Tlv], tag: int) -> Tlv:
    """The one object with the tag. Raises `MalformedData`: none, or more than one."""
    matching = [one for one in found if one.tag == tag]
    if len(matching) != 1:
        raise MalformedData
    return matching[0]


def encode(tag: int, value: bytes) -> bytes:
    """An object with the shortest length, such as the simulator writes."""
    head = tag.to_bytes(max(1, (tag.bit_length() + 7) // 8), "big")
    size = len(value)
    if size < 0x80:
        return head + bytes([size]) + value
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return head + bytes([0x80 | len(length)]) + length + value
