"""The command `warifu-card`: look at a card, read certificates and profile, sign, change a PIN, simulate.

A PIN is typed at a hidden prompt or comes in on standard input; it is never in a command line or in the environment.
"""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from warifu_card import __version__, jpki, layout, profile
from warifu_card.card import Card
from warifu_card.certificate import Certificate
from warifu_card.faults import (
    CardFault,
    LastTry,
    PersonasUnreadable,
    PinLocked,
    ReaderNotFound,
    SimulatorMissing,
)
from warifu_card.layout import Secret
from warifu_card.particulars import Attributes
from warifu_card.survey import Listed, survey
from warifu_card.transport import Transport, pcsc
from warifu_card.transport.simulator import SimulatorTransport
from warifu_card.words import Language, Words, language_here

if TYPE_CHECKING:
    from warifu_card.simulator.box import Box

T = TypeVar("T")
_JST = timezone(timedelta(hours=9))
_CODE = Words("エラー番号", "Error code")
_KNOWN = Words("マイナポイントなどでの番号", "Known elsewhere as")
_STAY = Words("終わるまで、カードを置いたままにしてください。", "Leave the card where it is until everything is done.")
_LAST = Words(
    "入れられるのは、あと1回です。間違えるとロックされ、市区町村の窓口での手続が必要になります。進めますか",
    "One try is left. A mistake locks it until the municipal office unlocks it. Go on",
)
_TRIES = Words("あと{left}回", "{left} left")
_LOCKED = Words("ロックされています", "locked")
_UNTOLD = Words("回数の情報なし", "not told")
_ABSENT = Words("入っていません", "not on this card")
_PRESENT = Words("入っています(内容を見るには暗証番号が必要です)", "on the card (a PIN is needed to see it)")
_UNTIL = Words("{day} まで有効", "valid until {day}")
_EXPIRED = Words("{day} に有効期限が切れました", "expired on {day}")
_NEW_PIN = Words("新しい{pin}", "New {pin}")
_AGAIN = Words("もう一度", "Once more")
_DIFFERENT = Words("2回の入力が違います。", "The two entries differ.")
_CHANGED = Words("{pin}を変更しました。", "The {pin} was changed.")
_UNLOCKED = Words("{persona} のカードのロックを解除しました。", "The card of {persona} was unlocked.")
_IN_READER = Words(
    "{persona} のカードを {address} の仮想リーダーに置きました。Ctrl-C で取り除きます。",
    "The card of {persona} lies in the virtual reader at {address}. Ctrl-C takes it away.",
)
_NO_DRIVER = Words("{address} に vpcd がいません。pcscd を起動してください。", "No vpcd at {address}; start pcscd.")
_WRITTEN = Words("{path} に書きました。", "Written to {path}.")


@dataclass(frozen=True)
class Wish:
    """How this run is to be: which card, whose words, for whom the answer is."""

    language: Language
    is_json: bool
    reader: str | None
    simulated: Path | None
    persona: str | None
    folder: Path | None
    use_last_try: bool

    def say(self, words: Words) -> None:
        """Tell the person, on the channel that is not the answer's."""
        click.echo(words.to(self.language), err=True)

    def text(self, words: Words) -> str:
        """The words in the person's language."""
        return words.to(self.language)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that all commands share; faults become words and the exit code 1."""

    @click.option("--json", "is_json", is_flag=True, help="機械が読む形で / as JSON")
    @click.option("--reader", help="リーダーの名前(一部でよい) / name of the reader, or a part of it")
    @click.option("--simulated", type=click.Path(path_type=Path), help="模擬カードのファイル / file of simulated cards")
    @click.option("--persona", help="模擬カードの人 / whose simulated card")
    @click.option(
        "--folder", type=click.Path(path_type=Path), help="模擬カードの置き場所 / where simulated cards are kept"
    )
    @click.option("--use-last-try", is_flag=True, help="最後の1回を使う / use the last try")
    @click.option("--lang", "language", type=click.Choice(["ja", "en"]), help="日本語 / English")
    @wraps(command)
    def run(*, language: Language | None, **given: Any) -> None:
        own = {
            name: given.pop(name) for name in ("is_json", "reader", "simulated", "persona", "folder", "use_last_try")
        }
        wish = Wish(language=language or language_here(), **own)
        try:
            command(wish, **given)
        except CardFault as fault:
            _tell(wish, fault)
            sys.exit(1)

    return run


@click.group()
@click.version_option(__version__)
def main() -> None:
    """マイナンバーカードを読む / Read a My Number Card."""


@main.command()
@_options
def readers(wish: Wish) -> None:
    """カードリーダーの一覧 / List the readers."""
    found = pcsc.readers()
    _answer(wish, {"readers": found}, found)


@main.command()
@_options
def info(wish: Wish) -> None:
    """カードの種類・残り回数・電子証明書(回数は減りません) / What it is, tries left, certificates; costs no try."""
    with _card(wish) as card:
        seen = survey(card)
    listed = [_listed(one) for one in seen.certificates]
    lines = [f"{seen.reader}", wish.text(seen.kind.words), *_tries_lines(wish, seen.tries)]
    lines += [f"{wish.text(_which(one.use).words)}: {wish.text(_state(one))}" for one in seen.certificates]
    _answer(wish, {"reader": seen.reader, "kind": seen.kind.value, "tries": seen.tries, "certificates": listed}, lines)


@main.command()
@_options
def tries(wish: Wish) -> None:
    """暗証番号の残り回数(回数は減りません) / Tries left; costs none."""
    with _card(wish) as card:
        left = survey(card).tries
    _answer(wish, {"tries": left}, _tries_lines(wish, left))


@main.command()
@click.argument("use", type=click.Choice(["auth", "sign"]), default="auth")
@click.option("--authority", "is_authority", is_flag=True, help="発行者の証明書 / the authority's certificate")
@click.option("--out", type=click.Path(path_type=Path), help="PEM のファイル / file for the PEM")
@_options
def cert(wish: Wish, use: str, is_authority: bool, out: Path | None) -> None:
    """電子証明書を読む / Read a certificate."""
    which = _which(use)
    with _card(wish) as card:
        if is_authority:
            if which.is_private:
                jpki.require_present(card, which)
            found = jpki.authority(card, which)
        else:
            found = _read_certificate(wish, card, which)
    pem = _pem(found)
    if out is not None:
        out.write_text(pem, encoding="ascii")
        wish.say(_WRITTEN.filled(path=out))
    said = {
        "use": use,
        "serial": f"{found.serial:X}",
        "subject": [list(pair) for pair in found.subject],
        "issuer": [list(pair) for pair in found.issuer],
        "not_before": found.not_before.isoformat(),
        "not_after": found.not_after.isoformat(),
        "key_usage": list(found.key_usage),
        "policies": list(found.policies),
        "particulars": found.particulars,
        "pem": pem,
    }
    listed = Listed(use, is_present=True, not_before=found.not_before, not_after=found.not_after)
    lines = [f"{wish.text(which.words)}: {wish.text(_state(listed))}", found.issuer_name]
    _answer(wish, said, lines if out is not None else [*lines, pem.rstrip()])


@main.command()
@click.argument("file", type=click.File("rb"))
@click.option("--with", "use", type=click.Choice(["auth", "sign"]), default="sign", help="鍵 / which key")
@click.option("--out", type=click.Path(path_type=Path), help="署名のファイル / file for the signature")
@_options
def sign(wish: Wish, file: Any, use: str, out: Path | None) -> None:
    """ファイルに署名する(SHA-256, RSA) / Sign a file."""
    which = _which(use)
    message = file.read()
    with _card(wish) as card:
        jpki.require_present(card, which)
        signature = _with_secret(
            wish, card, which.secret, lambda typed, last: jpki.sign(card, which, typed, message, use_last_try=last)
        )
    encoded = base64.b64encode(signature).decode("ascii")
    if out is not None:
        out.write_bytes(signature)
        wish.say(_WRITTEN.filled(path=out))
    _answer(wish, {"algorithm": jpki.ALGORITHM, "use": use, "signature": encoded}, [] if out is not None else [encoded])


@main.command("profile")
@click.option("--number", "with_number", is_flag=True, help="個人番号も読む / read the My Number too")
@_options
def read_profile(wish: Wish, with_number: bool) -> None:
    """氏名・住所・生年月日・性別を読む / Read name, address, birth date and sex."""

    def read(typed: str, last: bool) -> tuple[str | None, Attributes]:
        number = profile.read_number(card, typed, use_last_try=last) if with_number else None
        return number, profile.read_attributes(card, typed, use_last_try=last)

    with _card(wish) as card:
        number, found = _with_secret(wish, card, layout.PROFILE_PIN, read)
    said = {
        "name": found.name,
        "address": found.address,
        "birth_date": found.birth_date.isoformat(),
        "sex": found.sex.value,
    }
    lines = [found.name, found.address, f"{found.birth_date:%Y-%m-%d}", wish.text(found.sex.words)]
    if number is not None:
        said["number"] = number
        lines.append(number)
    _answer(wish, said, lines)


@main.command("change-pin")
@click.argument("name", type=click.Choice([secret.name for secret in layout.FOUR_SECRETS]))
@_options
def change_pin(wish: Wish, name: str) -> None:
    """暗証番号を変える / Change a PIN."""
    secret = next(one for one in layout.FOUR_SECRETS if one.name == name)

    def change(typed: str, last: bool) -> None:
        secret.encoded(typed)
        new = _typed(wish, _NEW_PIN.filled(pin=secret.words))
        secret.encoded(new)
        if _is_a_person() and _typed(wish, _AGAIN) != new:
            raise click.ClickException(wish.text(_DIFFERENT))
        card.change(secret, typed, new, use_last_try=last)

    with _card(wish) as card:
        _with_secret(wish, card, secret, change)
    _answer(wish, {"changed": name}, [wish.text(_CHANGED.filled(pin=secret.words))])


@main.command()
@click.option("--vpcd", "address", help="仮想リーダー HOST:PORT / the virtual reader, such as 127.0.0.1:35963")
@click.option("--unlock", is_flag=True, help="窓口のようにロックを解除する / unlock it, as the office does")
@_options
def simulate(wish: Wish, address: str | None, unlock: bool) -> None:
    """模擬カードを仮想リーダーに置く / Put a simulated card into a virtual reader."""
    if wish.simulated is None:
        raise click.UsageError("--simulated")
    box = _box(wish)
    name = wish.persona or next(iter(box.personas))
    card = box.card(wish.persona)
    if unlock:
        box.unlock(name)
        box.keep()
        wish.say(_UNLOCKED.filled(persona=name))
    if address is None:
        return
    from warifu_card.simulator import vpcd  # noqa: PLC0415 - only here

    host, _colon, port = address.rpartition(":")
    wish.say(_IN_READER.filled(persona=name, address=address))
    try:
        vpcd.insert(card, host or "127.0.0.1", int(port) if port else vpcd.PORT)
    except (OSError, ValueError) as error:
        raise click.ClickException(wish.text(_NO_DRIVER.filled(address=address))) from error
    except KeyboardInterrupt:
        pass
    finally:
        box.keep()


def _box(wish: Wish) -> Box:
    if wish.simulated is None:
        raise PersonasUnreadable(reason="--simulated")
    try:
        from warifu_card.simulator.box import Box, usual_folder  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise SimulatorMissing from error
    return Box.open(wish.simulated, folder=wish.folder or usual_folder(wish.simulated))


@contextmanager
def _card(wish: Wish) -> Iterator[Card]:
    if wish.simulated is None:
        transport: Transport = pcsc.connect(wish.reader)
        with transport:
            yield Card(transport)
        return
    box = _box(wish)
    simulated = SimulatorTransport(box.card(wish.persona))
    if wish.reader is not None and wish.reader not in simulated.reader:
        raise ReaderNotFound(reader=wish.reader)
    try:
        with simulated:
            yield Card(simulated)
    finally:
        box.keep()


def _read_certificate(wish: Wish, card: Card, which: jpki.Which) -> Certificate:
    jpki.require_present(card, which)
    if not which.is_private and jpki.kind(card) not in (layout.Kind.ANDROID, layout.Kind.IPHONE):
        return jpki.certificate(card, which)
    return _with_secret(
        wish, card, which.secret, lambda typed, last: jpki.certificate(card, which, typed, use_last_try=last)
    )


def _with_secret(wish: Wish, card: Card, secret: Secret, act: Callable[[str, bool], T]) -> T:
    """Ask for the PIN with the card in its place, and act; the last try is used only when it was said twice."""
    left = card.tries(secret)
    if left == 0:
        raise PinLocked(pin=secret.words)
    uses_last = wish.use_last_try
    if left == 1:
        if not uses_last and not (_is_a_person() and click.confirm(wish.text(_LAST), default=False, err=True)):
            raise LastTry(pin=secret.words)
        uses_last = True
    if _is_a_person():
        wish.say(_STAY)
    return act(_typed(wish, secret.words), uses_last)


def _is_a_person() -> bool:
    """Whether somebody sits at a terminal; otherwise the PIN comes as a line on standard input."""
    return sys.stdin.isatty()


def _typed(wish: Wish, question: Words) -> str:
    if not _is_a_person():
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt(wish.text(question), hide_input=True, err=True)
    return typed


def _tell(wish: Wish, fault: CardFault) -> None:
    sentence, remedy = (wish.text(words) for words in fault.words)
    if wish.is_json:
        said = {"code": fault.code, "known": list(fault.known), "sentence": sentence, "remedy": remedy}
        if "tries_left" in fault.values:
            said["tries_left"] = fault.values["tries_left"]
        click.echo(json.dumps({"error": said}, ensure_ascii=False))
        return
    click.secho(f"! {sentence}", fg="red", err=True)
    click.echo(f"  {remedy}", err=True)
    click.echo(f"  {wish.text(_CODE)}: {fault.code}", err=True)
    if fault.known:
        click.echo(f"  {wish.text(_KNOWN)}: {', '.join(fault.known)}", err=True)


def _answer(wish: Wish, said: dict[str, Any], lines: list[str]) -> None:
    if wish.is_json:
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    for line in lines:
        click.echo(line)


def _which(use: str) -> jpki.Which:
    return jpki.AUTH if use == "auth" else jpki.SIGN


def _listed(one: Listed) -> dict[str, Any]:
    return {
        "use": one.use,
        "present": one.is_present,
        "not_before": one.not_before and one.not_before.isoformat(),
        "not_after": one.not_after and one.not_after.isoformat(),
    }


def _state(one: Listed) -> Words:
    if not one.is_present:
        return _ABSENT
    if one.not_after is None:
        return _PRESENT
    words = _EXPIRED if one.not_after < datetime.now(UTC) else _UNTIL
    return words.filled(day=f"{one.not_after.astimezone(_JST):%Y-%m-%d}")


def _tries_lines(wish: Wish, left: dict[str, int | None]) -> list[str]:
    secrets = {secret.name: secret for secret in layout.FOUR_SECRETS}
    return [f"{wish.text(secrets[name].words)}: {wish.text(_tries_words(count))}" for name, count in left.items()]


def _tries_words(count: int | None) -> Words:
    if count is None:
        return _UNTOLD
    return _TRIES.filled(left=count) if count else _LOCKED


def _pem(found: Certificate) -> str:
    body = base64.encodebytes(found.der).decode("ascii").replace("\n", "")
    lines = [body[at : at + 64] for at in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----", ""])
