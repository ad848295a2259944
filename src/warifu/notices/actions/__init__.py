"""Verbs of the room お知らせ: write letters, deliver them, edit their texts, note heartbeats."""

from warifu.notices.actions.heartbeats import beat, finish_round
from warifu.notices.actions.letters import Addressed, cancel, post, post_many, resend, send_test

__all__ = ["Addressed", "beat", "cancel", "finish_round", "post", "post_many", "resend", "send_test"]
