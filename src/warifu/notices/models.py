"""Tables of the room お知らせ."""

from __future__ import annotations

from django.db import models

from warifu.foundation.ids import new_id


class Letter(models.Model):
    """通知メール: one message to one person; a row is the promise that it will be delivered, or said why not.

    `values` are the fields of its kind in JSON; `key` makes posting the same letter twice one letter.
    `claim` names the batch that took it and `lease_until` how long that worker may be alive; `handed_at` is set just
    before the text goes out, so that a letter whose worker died is known to be unsent, or to be uncertain.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "送信待ち"
        SENDING = "sending", "送信中"
        ACCEPTED = "accepted", "相手のサーバーが受け取りました"
        UNCERTAIN = "uncertain", "届いたか確かめられません"
        BOUNCED = "bounced", "宛先不明で戻りました"
        GIVEN_UP = "given_up", "送信をあきらめました"
        CANCELLED = "cancelled", "取り消しました"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    member_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=60)
    to_mail = models.CharField(max_length=254)
    to_name = models.CharField(max_length=310, blank=True)
    language = models.CharField(max_length=5, default="ja")
    values = models.JSONField(default=dict)
    key = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    message_id = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "key"), name="letter_once"),)
        indexes = (
            models.Index(fields=("next_at",), condition=models.Q(state="waiting"), name="letter_due"),
            models.Index(fields=("lease_until",), condition=models.Q(state="sending"), name="letter_leased"),
            models.Index(
                fields=("organisation", "settled_at"),
                condition=models.Q(state__in=["bounced", "given_up"]),
                name="letter_came_back",
            ),
            models.Index(fields=("message_id",), name="letter_message"),
            models.Index(fields=("organisation", "state", "-id"), name="letter_by_state"),
            models.Index(fields=("organisation", "-id"), name="letter_of_organisation"),
            models.Index(fields=("member_id", "-id"), name="letter_of_member"),
        )


class LetterText(models.Model):
    """文面: an organisation's own wording of one kind of letter in one language."""

    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=60)
    language = models.CharField(max_length=5, default="ja")
    subject = models.CharField(max_length=200)
    body = models.TextField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation", "kind", "language"), name="letter_text_once"),)


class TextMessage(models.Model):
    """SMS: one text message to one mobile number. The code that it carries is made when it leaves (V-04).

    It is tried until `give_up_at`, when the code is over. Each try carries the same id, by which the provider knows
    a message that it has sent already.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "送信待ち"
        SENDING = "sending", "送信中"
        ACCEPTED = "accepted", "SMSの事業者が受け取りました"
        REFUSED = "refused", "送れない番号でした"
        GIVEN_UP = "given_up", "送信をあきらめました"
        CANCELLED = "cancelled", "取り消しました"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    member_id = models.UUIDField(null=True)
    to_phone = models.CharField(max_length=20)
    code_kind = models.CharField(max_length=30)
    code_reference = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    give_up_at = models.DateTimeField()
    claim = models.UUIDField(null=True)
    lease_until = models.DateTimeField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=("next_at",), condition=models.Q(state__in=["waiting", "sending"]), name="text_message_due"
            ),
        )


class PhoneMessage(models.Model):
    """練習用の電話: a text message of the demo, where a provider would have taken it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    to_phone = models.CharField(max_length=20)
    text = models.CharField(max_length=70)
    at = models.DateTimeField()


class MailboxMessage(models.Model):
    """練習用メール箱: a delivered message of the demo, where a mail server would have taken it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    to_mail = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    html = models.TextField(blank=True)
    at = models.DateTimeField()


class Heartbeat(models.Model):
    """鼓動: when a worker last went round its duties."""

    worker = models.CharField(max_length=80, primary_key=True)
    at = models.DateTimeField()
    round_on = models.DateField(null=True)
