"""What the worker does, round after round, and the daily round. A duty that fails stops no other."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from django.db import close_old_connections
from django.urls import get_resolver
from django.utils import timezone

from warifu.applications.actions import deadlines
from warifu.audit import actions as audit
from warifu.cards.actions import challenges
from warifu.collection.actions import documents, invitations, rosters
from warifu.credentials.actions import (
    access_keys,
    attempts,
    authorities,
    cards,
    certificate_letters,
    certificates,
    enrolment,
    external,
    idempotency,
    mail_changes,
    mail_codes,
    passkeys,
    recovery_slips,
    self_resets,
    sharing,
    signin,
    signing_keys,
)
from warifu.folders.actions import checks, folders, reading_due, uploads
from warifu.foundation.days import jst_day
from warifu.help.actions import answers
from warifu.help.actions import index as help_index
from warifu.licences.actions import reminders, standings
from warifu.notices import actions as notices
from warifu.notices import queries as notice_queries
from warifu.notices.actions import text_messages
from warifu.vault.actions import files, keepings

log = structlog.get_logger("warifu.worker")

Duty = tuple[str, Callable[..., int]]

DUTIES: list[Duty] = [
    ("self-resets", self_resets.send_due),
    ("letters", notices.deliver_due),
    ("text messages", text_messages.deliver_due),
    ("recovery slips", recovery_slips.fulfil_due),
    ("rosters", rosters.work_due),
    ("pictures", documents.prepare_due),
    ("electronic transactions", reading_due.read_due),
    ("folders that end", folders.end_due),
    ("bounces", invitations.note_bounces),
    ("revocation lists", authorities.publish_due),
    ("trail", audit.seal_due),
    ("help index", help_index.refresh_due),
]
"""Done every round; each does a bounded piece of what is due and says how much."""

DAILY: list[Duty] = [
    ("overdue", invitations.daily),
    ("old pictures", documents.delete_due),
    ("keepings that are over", keepings.propose_due),
    ("sealed leftovers", files.sweep),
    ("authorities", authorities.rotate_due),
    ("replaced certificates", certificates.end_overlaps),
    ("certificates that end", certificate_letters.remind_due),
    ("unused certificates", certificate_letters.note_unused),
    ("cards that end", cards.warn_due),
    ("device restrictions", access_keys.begin_due),
    ("applications whose settings are late", deadlines.void_due),
    ("windows that close", deadlines.tell_closing),
    ("user IDs that ended", deadlines.shut_ended),
    ("licences that end", reminders.remind_due),
    ("organisations without a licence", standings.follow_due),
    ("uploads left alone", uploads.tidy),
    ("originals", checks.check_due),
    ("old attempts", attempts.tidy),
    ("old sign-ins", signin.tidy),
    ("old mail codes", mail_codes.tidy),
    ("old enrolments", enrolment.tidy),
    ("old changes of address", mail_changes.tidy),
    ("old passkey questions", passkeys.tidy),
    ("old questions to cards", challenges.tidy),
    ("old self-resets", self_resets.tidy),
    ("old idempotency keys", idempotency.tidy),
    ("ways to identity providers", external.tidy),
    ("old agreements with sister services", sharing.tidy),
    ("signing keys", signing_keys.daily),
    ("old questions to help", answers.tidy),
]
"""Done once a day of Japan; safe to do twice or late."""

PAUSE = 2.0
"""Seconds between rounds when nothing was due."""

BEAT = timedelta(seconds=15)
"""How often a worker notes that it lives."""

DAILY_AGAIN = timedelta(minutes=10)
"""How long after a failed daily round it is tried again."""


def do(duties: list[Duty], *, at: datetime) -> dict[str, int | None]:
    """Do each duty once; returns how much each did, None for one that failed (it is logged, and due again)."""
    done: dict[str, int | None] = {}
    for name, duty in duties:
        try:
            done[name] = duty(at=at)
        except Exception:
            log.exception("duty_failed", duty=name)
            done[name] = None
    return done


def do_daily(*, at: datetime) -> dict[str, int | None]:
    """Do the daily round now, whether or not it was done today, and note that it is done if nothing failed."""
    done = do(DAILY, at=at)
    if None not in done.values():
        notices.finish_round(on=jst_day(at), at=at)
    return done


class Worker:
    """Goes round the duties until it is stopped, in the calling thread (`run`) or in one of its own (`start`)."""

    def __init__(self, *, clock: Callable[[], datetime] = timezone.now) -> None:
        self._clock = clock
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._beaten_at: datetime | None = None
        self._daily_not_before: datetime | None = None
        self.name = f"{socket.gethostname()[:50]}:{os.getpid()}"
        # Loaded here and not in the worker's thread: two threads that import the wings at once hinder each other.
        list(get_resolver().url_patterns)

    def start(self) -> None:
        """Begin in a thread of its own."""
        self._thread = threading.Thread(target=self.run, name="warifu-worker", daemon=True)
        self._thread.start()

    def stop(self, *, within: float = 30.0) -> None:
        """Finish the duty at hand and end; after `within` seconds the rest is left to the leases."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(within)

    def run(self) -> None:
        """Go round until `stop`."""
        log.info("worker_started", worker=self.name)
        while not self._stopped.is_set():
            close_old_connections()
            busy = self._round()
            if not busy:
                self._stopped.wait(PAUSE)
        close_old_connections()
        log.info("worker_stopped", worker=self.name)

    def _round(self) -> bool:
        """One round; returns whether anything was due, so that the next one should follow at once."""
        at = self._clock()
        try:
            if self._beaten_at is None or at - self._beaten_at >= BEAT:
                notices.beat(worker=self.name, at=at)
                self._beaten_at = at
            self._daily_if_due(at)
        except Exception:
            log.exception("round_failed")
            return False
        busy = False
        for duty in DUTIES:
            if self._stopped.is_set():
                return False
            busy = bool(do([duty], at=self._clock())[duty[0]]) or busy
        return busy

    def _daily_if_due(self, at: datetime) -> None:
        if notice_queries.last_round() == jst_day(at):
            return
        if self._daily_not_before is not None and at < self._daily_not_before:
            return
        self._daily_not_before = at + DAILY_AGAIN
        log.info("daily_round", done=do_daily(at=at))
