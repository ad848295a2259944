"""Tables of the room カード. No certificate, no serial number, no name and no number stands in any of them."""

from __future__ import annotations

from django.db import models

from warifu.foundation.ids import new_id


class CardChallenge(models.Model):
    """カードへの問い: 32 random bytes for one answer, used up in one statement before the answer is examined.

    One put to a browser is bound to it by `browser_hash`. One that an agent takes by its code belongs to a session and
    a member; `process_hash` is known to the agent that took it, and `outcome` is what the page is told.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", "待っています"
        DONE = "done", "できました"
        FAILED = "failed", "できませんでした"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    nonce = models.BinaryField(max_length=32, unique=True)
    what = models.CharField(max_length=10)
    purpose = models.CharField(max_length=400)
    browser_hash = models.CharField(max_length=64, blank=True)
    organisation_id = models.UUIDField(null=True)
    member_id = models.UUIDField(null=True)
    session_id = models.UUIDField(null=True)
    subject_id = models.UUIDField(null=True)
    code_hash = models.CharField(max_length=64, blank=True)
    process_hash = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=6, choices=Outcome.choices, default=Outcome.OPEN)
    outcome_code = models.CharField(max_length=10, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("code_hash",), condition=~models.Q(code_hash=""), name="card_code_once"),
        )
        indexes = (
            models.Index(fields=("browser_hash", "-id"), name="card_challenge_of_browser"),
            models.Index(fields=("session_id", "-id"), name="card_challenge_of_session"),
            models.Index(fields=("process_hash",), name="card_challenge_of_process"),
        )


class CardBinding(models.Model):
    """登録カード: a card with which a member signs in; of its certificate only a keyed hash of the key is kept.

    A renewed certificate has a new key: it is registered anew and ends the one that it `replaces`.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation_id = models.UUIDField()
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    credential_hash = models.CharField(max_length=64)
    valid_until = models.DateTimeField()
    status = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    replaces_id = models.UUIDField(null=True)
    warned_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation_id", "credential_hash"),
                condition=models.Q(revoked_at__isnull=True),
                name="card_bound_once",
            ),
        )
        indexes = (
            models.Index(fields=("credential_hash",), name="binding_by_credential"),
            models.Index(fields=("member", "-id"), name="binding_of_member"),
            models.Index(
                fields=("valid_until",),
                condition=models.Q(revoked_at__isnull=True, warned_at__isnull=True),
                name="binding_to_warn",
            ),
        )


class MyKeyStage(models.Model):
    """マイキーIDの受付: from when reservations are taken, from when one applies, and how many at the same time.

    The single row of an installation; the operator writes it.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    reserve_from = models.DateTimeField(null=True)
    apply_from = models.DateTimeField(null=True)
    slots = models.PositiveSmallIntegerField(default=20)

    class Meta:
        constraints = (models.CheckConstraint(name="mykey_one_stage", condition=models.Q(id=1)),)


class MyKeyTicket(models.Model):
    """整理券: one way through the reservation, on one device; a newer one of the same person ends it (004-17).

    It waits until a place is free, is called, reads the card, and becomes a MyKey ID; a called one that does not go on
    loses its place at `valid_until`.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "順番待ち"
        CALLED = "called", "読み取り待ち"
        READ = "read", "発行の確認待ち"
        ISSUED = "issued", "発行済み"
        SUPERSEDED = "superseded", "ほかの手続きが進んだ"
        LAPSED = "lapsed", "時間切れ"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    session_id = models.UUIDField()
    order = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    credential_hash = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True)
    valid_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("member",),
                condition=models.Q(state__in=["waiting", "called", "read"]),
                name="mykey_ticket_one_open",
            ),
        )
        indexes = (
            models.Index(fields=("state", "asked_at", "id"), name="mykey_queue"),
            models.Index(fields=("ended_at",), condition=models.Q(state="issued"), name="mykey_pace"),
        )


class MyKey(models.Model):
    """マイキーID: eight signs used in place of the My Number; one living for a person and for a card (5.1)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    text = models.CharField(max_length=8, unique=True)
    credential_hash = models.CharField(max_length=64)
    reserved_at = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    own_tries = models.PositiveSmallIntegerField(default=0)
    generated = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("member",), condition=models.Q(ended_at__isnull=True), name="mykey_one_of_member"
            ),
            models.UniqueConstraint(
                fields=("credential_hash",), condition=models.Q(ended_at__isnull=True), name="mykey_one_of_card"
            ),
        )
