"""Verbs of the room お知らせ: write letters, deliver them, edit their texts, note heartbeats."""

from warifu.notices.actions.delivery import deliver_due, record_bounce
from warifu.notices.actions.heartbeats import beat, finish_round
from warifu.notices.actions.letters import Addressed, cancel, post, post_many, resend, send_test
from warifu.notices.actions.texts import edit_text, reset_text

__all__ = [
    "Addressed",
    "beat",
    "cancel",
    "deliver_due",
    "edit_text",
    "finish_round",
    "post",
    "post_many",
    "record_bounce",
    "resend",
    "reset_text",
    "send_test",
]
