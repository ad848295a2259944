"""A coverage-guided fuzzer over everything that reads a card's bytes: only typed faults may come out.

make fuzz SECONDS=600
.venv/bin/python tests/card/fuzz_parsers.py -runs=100000 [folder of inputs]
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["warifu_card"]):
    from warifu_card import certificate, evidence, jpki, particulars, profile, survey, tlv, token
    from warifu_card.apdu import Command, Response
    from warifu_card.card import Card
    from warifu_card.faults import CardFault
    from warifu_card.transport import simulator

_PARSERS = (
    lambda data: list(tlv.objects(data)),
    certificate.read,
    particulars.number_in,
    particulars.attributes_in,
    evidence.read_signature,
    evidence.read_issuer,
    evidence.read_card_key,
    evidence.after_offsets,
    lambda data: Command.decode(Command.decode(data).encode()),
    Response.decode,
    lambda data: token.Token.parse(data.decode("utf-8", "replace")),
    lambda data: evidence.Evidence.parse(data.decode("utf-8", "replace")),
    lambda data: token.read_purpose(data.decode("utf-8", "replace")),
)
_ACTS = (
    survey.survey,
    lambda card: jpki.certificate(card, jpki.AUTH),
    lambda card: jpki.sign(card, jpki.AUTH, "1234", b"message"),
    lambda card: profile.read_evidence(card, "1234", challenge=b"nonce"),
)


class Babbler:
    """A card that says whatever the fuzzer wants, and then that all is well."""

    atr = b""
    is_there = True

    def __init__(self, provider: atheris.FuzzedDataProvider) -> None:
        self._provider = provider

    def reset(self) -> None:
        """Nothing to forget."""

    def answer(self, command: bytes) -> bytes:
        """Data of some length and, mostly, a status word that lets the reader go on."""
        if not self._provider.remaining_bytes():
            return b"\x6a\x82"
        wanted = command[-1] or 256
        data: bytes = self._provider.ConsumeBytes(
            wanted if self._provider.ConsumeBool() else self._provider.ConsumeIntInRange(0, 300)
        )
        return data + (b"\x90\x00" if self._provider.ConsumeProbability() < 0.9 else self._provider.ConsumeBytes(2))


def one_input(data: bytes) -> None:
    """Read the input as each kind of thing, then as a card's answers."""
    for parse in _PARSERS:
        try:
            parse(data)
        except CardFault:
            continue
    for act in _ACTS:
        lines: list[str] = []
        try:
            act(Card(simulator.SimulatorTransport(Babbler(atheris.FuzzedDataProvider(data))), trace=lines.append))
        except CardFault:
            continue
        finally:
            if any("31323334" in line for line in lines):
                raise AssertionError("a PIN in the text of a command")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
