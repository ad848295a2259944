"""Pull mode: a code from an authenticated page, one card, one answer to the server (docs/flows/card.md, B).

The tool asks only the server that it is set to, and only that server gets what was read; the page gets nothing.
"""

from __future__ import annotations

import re
import unicodedata
from contextlib import suppress

from warifu_agent.dialogue import Dialogue
from warifu_agent.faults import CodeMalformed, Fault, OtherServer
from warifu_agent.origins import origin_of
from warifu_agent.reading import Cards, carried_out
from warifu_agent.server import Outcome, Pulled, Server
from warifu_agent.settings import ORDERS, Order
from warifu_agent.signing import Answer, Asked, agreed, work
from warifu_agent.words import Words, same

_SENDING = Words("サーバーに送っています…", "Sending to the server…")
_SENT = Words("サーバーが受け取りました。ブラウザーの画面に戻ってください。", "The server has it. Go back to the page.")
_WAITING = Words(
    "混み合っているため、順番を待っています。ブラウザーの画面に待ち時間が出ます。",
    "There is a queue. The page shows how long it takes.",
)
_SIGNS = 8


def carry_out(*, server: Server, dialogue: Dialogue, cards: Cards, code: str, order: Order | None) -> Outcome:
    """From the code to the answer. The order that the page was begun with comes before that of the command line.

    Raises a `Fault`, after the server was told of it where it is one of card or reader.
    """
    pulled = server.pull(normal_code(code))
    try:
        answer = _read(server, dialogue, cards, pulled, order)
    except Fault as fault:
        with suppress(Fault):
            server.tell_fault(process=pulled.process, code=fault.name)
        raise
    dialogue.tell(_SENDING)
    outcome = server.answer_card(process=pulled.process, answer=answer)
    if outcome.state == "waiting":
        dialogue.tell(_WAITING)
    for words in (outcome.sentence, outcome.remedy):
        if words:
            dialogue.tell(same(words))
    if outcome.state == "done":
        dialogue.tell(_SENT)
    return outcome


def normal_code(typed: str) -> str:
    """The code without what people add to it. Raises `CodeMalformed`."""
    code = re.sub(r"[\s\-‐ー―]", "", unicodedata.normalize("NFKC", typed)).upper()
    if len(code) != _SIGNS or not code.isascii() or not code.isalnum():
        raise CodeMalformed
    return f"{code[:4]}-{code[4:]}"


def _read(server: Server, dialogue: Dialogue, cards: Cards, pulled: Pulled, order: Order | None) -> Answer:
    own = origin_of(server.address)
    if pulled.origin != own:
        raise OtherServer(said=pulled.origin, origin=own)
    asked = Asked(origin=own, nonce=pulled.nonce, purpose=pulled.purpose, organisation=pulled.organisation)
    given = next((one for one in ORDERS if one == pulled.order), order)
    chosen = agreed(asked, dialogue=dialogue, order=given)
    return carried_out(work(asked), dialogue=dialogue, cards=cards, order=chosen)
