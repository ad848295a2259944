"""The states of an application and every arrow between them; what is not here is forbidden (house 3.9 B)."""

from __future__ import annotations

from enum import Enum

from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _


class Verb(Enum):
    """What can be done to an application."""

    SAVE = "save"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    TAKE = "take"
    RELEASE = "release"
    SEND_BACK = "send_back"
    HOLD = "hold"
    APPROVE = "approve"
    REJECT = "reject"
    SETTLE = "settle"
    VOID = "void"


ARROWS: dict[Verb, dict[str, str]] = {
    Verb.SAVE: {"draft": "draft", "sent_back": "sent_back"},
    Verb.SUBMIT: {"draft": "submitted", "sent_back": "submitted"},
    Verb.WITHDRAW: dict.fromkeys(("draft", "submitted", "in_review", "sent_back", "on_hold"), "withdrawn"),
    Verb.TAKE: {"submitted": "in_review", "on_hold": "in_review"},
    Verb.RELEASE: {"in_review": "submitted"},
    Verb.SEND_BACK: {"in_review": "sent_back"},
    Verb.HOLD: {"in_review": "on_hold"},
    Verb.APPROVE: {"in_review": "approved"},
    Verb.REJECT: {"in_review": "rejected"},
    Verb.SETTLE: {"approved": "approved"},
    Verb.VOID: {"approved": "void"},
}
"""From which state each verb leads where."""


class NotInThisState(Refused):
    """The application's state does not allow this, or somebody else has just changed it."""

    code = "WF-U301"
    sentence = _("この申込みはいま「{state}」のため、この操作はできません。")
    remedy = _("画面を読み込み直し、いまの状態を確かめてください。ほかの人が先に進めたのかもしれません。")


def sources(verb: Verb) -> tuple[str, ...]:
    """The states from which a verb may be done."""
    return tuple(ARROWS[verb])
