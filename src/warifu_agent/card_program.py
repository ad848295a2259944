"""The commands for the card: `card`, `host`, `install`, `uninstall`."""

from __future__ import annotations

import importlib.util
import os
import sys
from contextlib import closing
from pathlib import Path

import click

from warifu_agent import browsers, host, pull, readers, settings
from warifu_agent.dialogue import Dialogue
from warifu_agent.faults import (
    Fault,
    FromCard,
    NobodyToAsk,
    NotSetUp,
    OriginNotServed,
    Stopped,
    Unprotected,
    Unreachable,
    Untrusted,
)
from warifu_agent.host import Question, Report
from warifu_agent.origins import is_origin, origin_of
from warifu_agent.reading import Cards, carried_out
from warifu_agent.server import Server
from warifu_agent.settings import ORDERS, Order, Settings
from warifu_agent.signing import Asked, agreed, work
from warifu_agent.terminal import Terminal
from warifu_agent.words import Language, Words, same
from warifu_card.faults import CardFault

_CODE = Words("画面に出ているコード", "Code of the page")
_WRITTEN = Words("書きました: {path}", "Written: {path}")
_GONE = Words("消しました: {path}", "Removed: {path}")
_NOTHING = Words("消すものはありませんでした。", "There was nothing to remove.")
_LOAD_CHROMIUM = Words(
    "{browser}: 拡張機能の画面を開き、「デベロッパー モード」を入れ、「パッケージ化されていない拡張機能を読み込む」で\n"
    "  {folder}\n"
    "を選んでください。会社で配る方法は docs/card/agent.md にあります。",
    "{browser}: open the page of extensions, switch on the developer mode, and load the unpacked extension\n"
    "  {folder}\n"
    "docs/card/agent.md says how an organisation distributes it.",
)
_LOAD_FIREFOX = Words(
    "{browser}: about:debugging を開き、「一時的なアドオンを読み込む」で\n  {folder}\n"
    "の manifest.json を選んでください。ずっと使うには署名が要ります(docs/card/agent.md)。",
    "{browser}: open about:debugging and load the manifest.json in\n  {folder}\n"
    "as a temporary add-on. To keep it, it has to be signed (docs/card/agent.md).",
)
_GROUPS = ((Stopped, 130), (Unreachable, 80), (Untrusted, 80))


@click.command()
@click.option("--server", default="", help="登録されたサーバーが複数あるとき / which of several servers")
@click.option("--code", default="", help="画面のコード / code of the page")
@click.option("--order", type=click.Choice(ORDERS), help="暗証番号とカードの順 / PIN or card first")
@click.option("--simulated", type=click.Path(path_type=Path), help="練習用カードのファイル / cards of practice")
@click.option("--persona", default="", help="練習用カードの人 / whose card of practice")
@click.option("--window", "is_window", is_flag=True, help="窓を開く / use a window")
@click.pass_obj
def card(
    language: Language,
    server: str,
    code: str,
    order: Order | None,
    simulated: Path | None,
    persona: str,
    is_window: bool,
) -> None:
    """マイナンバーカードを読む(画面のコードで) / Read a My Number Card for a code of the page."""
    dialogue = talk(language, is_window=is_window)
    sys.exit(carry_out(dialogue, server=server, code=code, order=order, simulated=simulated, persona=persona))


@click.command(name="host", hidden=True, context_settings={"ignore_unknown_options": True})
@click.argument("callers", nargs=-1, type=click.UNPROCESSED)
def serve(callers: tuple[str, ...]) -> None:
    """The browser starts this; people do not."""
    source, sink = host.take_standard_streams()
    sys.exit(host.serve(source=source, sink=sink, callers=callers, load=settings.load, answering=answer))


@click.command()
@click.option("--server", "servers", multiple=True, required=True, help="会社のアドレス / address of the installation")
@click.option("--browser", "names", multiple=True, type=click.Choice(browsers.NAMES), help="ブラウザー / browser")
@click.option("--order", type=click.Choice(ORDERS), help="いつもの順 / the usual order")
@click.option("--ca", type=click.Path(path_type=Path), help="試験用のルート証明書 / root certificate of a trial server")
@click.option("--extension-id", "extensions", multiple=True, help="自社で配る拡張機能のID / id of your own extension")
@click.option("--trial", "is_trial", is_flag=True, help="このパソコンの http も許す / allow http on this computer")
@click.option("--simulated", type=click.Path(path_type=Path), help="練習用カードのファイル / cards of practice")
@click.option("--persona", default="", help="練習用カードの人 / whose card of practice")
@click.pass_obj
def install(
    language: Language,
    servers: tuple[str, ...],
    names: tuple[str, ...],
    order: Order | None,
    ca: Path | None,
    extensions: tuple[str, ...],
    is_trial: bool,
    simulated: Path | None,
    persona: str,
) -> None:
    """ブラウザーに登録する / Register with the browsers."""
    dialogue = Terminal(language)
    try:
        origins = tuple(dict.fromkeys(origin_of(one) for one in servers))
        for origin in origins:
            if not is_origin(origin, is_trial=is_trial):
                raise Unprotected(address=origin)
        wished = Settings(
            origins=origins,
            is_trial=is_trial,
            ca=str(ca.absolute()) if ca else "",
            order=order or "",
            extensions=extensions,
            personas=str(simulated.absolute()) if simulated and is_trial else "",
            persona=persona,
        )
        found = browsers.here(names)
        written = [str(settings.save(wished))]
        for browser in found:
            written += browsers.install(browser, origins=origins, words=host_words(), more_ids=extensions)
    except Fault as fault:
        dialogue.tell_fault(fault)
        sys.exit(exit_status(fault))
    for path in dict.fromkeys(written):
        dialogue.tell(_WRITTEN.filled(path=path))
    for browser in found:
        words = _LOAD_FIREFOX if browser.family == "firefox" else _LOAD_CHROMIUM
        dialogue.tell(same(""))
        dialogue.tell(words.filled(browser=browser.name, folder=browsers.extension_folder(browser)))


@click.command()
@click.option("--browser", "names", multiple=True, type=click.Choice(browsers.NAMES), help="ブラウザー / browser")
@click.pass_obj
def uninstall(language: Language, names: tuple[str, ...]) -> None:
    """ブラウザーへの登録を消す / Take the registration back."""
    dialogue = Terminal(language)
    try:
        gone = [path for one in browsers.known() if not names or one.name in names for path in browsers.uninstall(one)]
        if not names:
            gone += [*settings.forget(), *browsers.forget_launcher()]
    except Fault as fault:
        dialogue.tell_fault(fault)
        sys.exit(exit_status(fault))
    for path in gone:
        dialogue.tell(_GONE.filled(path=path))
    if not gone:
        dialogue.tell(_NOTHING)


def carry_out(
    dialogue: Dialogue,
    *,
    server: str = "",
    code: str = "",
    order: Order | None = None,
    simulated: Path | None = None,
    persona: str = "",
) -> int:
    """A code of a page, from asking for it to the server's answer; returns the exit status."""
    try:
        own = settings.load()
        cards = found_cards(own, simulated=simulated, persona=persona)
        address = chosen_server(own, server)
        with closing(Server(address, language=dialogue.language, ca=Path(own.ca) if own.ca else None)) as connection:
            pull.carry_out(
                server=connection,
                dialogue=dialogue,
                cards=cards,
                code=code or dialogue.ask(_CODE),
                order=order or own.order or None,
            )
    except Fault as fault:
        dialogue.tell_fault(fault)
        if not isinstance(fault, Stopped):
            dialogue.finish()
        return exit_status(fault)
    dialogue.finish()
    return 0


def answer(question: Question, *, settings: Settings, report: Report) -> str:
    """Ask the person in front of this computer, and let the card sign. Raises a `Fault`; it was told to the person."""
    asked = Asked(origin=question.origin, nonce=question.nonce, purpose=question.purpose)
    asked.insist_is("login")
    dialogue = talk(question.language, is_window=has_window(), is_urgent=True)
    return signed(asked, dialogue=dialogue, cards=found_cards(settings), settings=settings, report=report)


def signed(asked: Asked, *, dialogue: Dialogue, cards: Cards, settings: Settings, report: Report) -> str:
    """The token for a page. Raises a `Fault`, after the person was told of it."""
    try:
        order = agreed(asked, dialogue=dialogue, order=settings.order or None)
        answer = carried_out(work(asked), dialogue=dialogue, cards=cards, order=order, report=report)
    except Stopped:
        raise
    except Fault as fault:
        dialogue.tell_fault(fault)
        raise
    return answer["token"]


def exit_status(fault: Fault) -> int:
    """What the command ends with: 130 stopped; 10 reader, 20 wrong card, 30 account, 40 PIN or certificate, 50 what is
    signed, 60 the tool's own; 80 network; else 1."""
    for kind, status in _GROUPS:
        if isinstance(fault, kind):
            return status
    if fault.name.startswith("WF-K") and fault.name[4:5].isdigit():
        return int(fault.name[4]) * 10
    return 1


def found_cards(own: Settings, *, simulated: Path | None = None, persona: str = "") -> Cards:
    """Where cards are put down. Raises `FromCard` when the cards of practice cannot be read."""
    try:
        return readers.chosen(own, simulated=simulated, persona=persona)
    except CardFault as fault:
        raise FromCard(fault) from fault


def chosen_server(own: Settings, wished: str) -> str:
    """The installation that is asked: one of those to which the tool is set. Raises `NotSetUp`, `OriginNotServed`."""
    if not own.origins:
        raise NotSetUp
    if not wished:
        return own.origins[0]
    origin = origin_of(wished)
    if origin not in own.origins:
        raise OriginNotServed(origin=origin)
    return origin


def talk(language: Language, *, is_window: bool, is_urgent: bool = False) -> Dialogue:
    """A window, or the terminal. Raises `NobodyToAsk` when there is neither."""
    if is_window:
        from warifu_agent.window import Window  # noqa: PLC0415 - many computers have no tkinter, and need none

        return Window(language, is_urgent=is_urgent)
    if is_urgent and not sys.stdin.isatty():
        raise NobodyToAsk
    return Terminal(language)


def has_window() -> bool:
    """Whether a window can be opened here."""
    has_screen = sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY"))
    return has_screen and importlib.util.find_spec("tkinter") is not None


def host_words() -> list[str]:
    """The command by which a browser starts the host."""
    return [sys.executable, "-P", "-m", "warifu_agent", "host"]
