"""Tables of IDs: what people type to sign in, what binds them to devices, what lets them back in."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from warifu.foundation.ids import new_id


class UserId(models.Model):
    """利用者ID: what a member of an office types to sign in; a row stays for ever, so that no ID is used twice."""

    class Kind(models.TextChoices):
        STAFF = "staff", "職員ID"
        CUSTOMER = "customer", "顧客ID"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.CharField(max_length=254)
    logout_hours = models.PositiveSmallIntegerField(default=1, validators=[MinValueValidator(1), MaxValueValidator(8)])
    issued_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("organisation", "text"), name="user_id_once_for_ever"),
            models.UniqueConstraint(
                fields=("member",), condition=models.Q(ended_at=None), name="user_id_one_for_each_member"
            ),
            models.CheckConstraint(
                name="user_id_logout_1_to_8_hours",
                condition=models.Q(logout_hours__gte=1, logout_hours__lte=8),
            ),
        )


class DeviceRestriction(models.Model):
    """端末の制限: from a day on, an ID is let in only from devices with an access key (003-13); counted by month.

    In its strong form it wants a passkey that is bound to such a device; the cookie alone no longer does (C-08).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    from_day = models.DateField()
    until_day = models.DateField(null=True)
    wants_passkey = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("member",), condition=models.Q(until_day=None), name="device_restriction_one_running"
            ),
        )


class AccessKey(models.Model):
    """アクセスキー: a browser that a restricted ID may use; a bearer cookie, kept as a hash (C-08), or, in its strong
    form, a passkey bound to the device."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    link_hash = models.CharField(max_length=64, unique=True)
    link_until = models.DateTimeField()
    token_hash = models.CharField(max_length=64, null=True, unique=True)
    passkey = models.ForeignKey("credentials.Passkey", models.PROTECT, null=True, related_name="+")
    browser = models.CharField(max_length=200, blank=True)
    issued_at = models.DateTimeField()
    registered_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("member", "-id"), name="access_key_of_member"),)


class ResetPhone(models.Model):
    """パスワード再設定用携帯電話番号: of the head of an office only; `phone` counts once a code has validated it, and
    `new_phone` is the one that still waits for its code (003-5)."""

    member = models.OneToOneField("organisations.Member", models.PROTECT, primary_key=True, related_name="+")
    phone = models.CharField(max_length=20, blank=True)
    confirmed_at = models.DateTimeField(null=True)
    new_phone = models.CharField(max_length=20, blank=True)
    code_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)


class SelfReset(models.Model):
    """所長によるパスワードの再設定: every asking gets a row, also of those whom nobody knows (L-10); `cause` is why
    nothing was sent, and the short support code lets an administrator see it (003-4).

    `typed` is what was typed, until the worker has looked at it: the door itself does the same for everybody.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    typed = models.JSONField(default=dict)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, null=True, related_name="+")
    member = models.ForeignKey("organisations.Member", models.PROTECT, null=True, related_name="+")
    support_code = models.CharField(max_length=12, db_index=True)
    cause = models.CharField(max_length=20, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    code_until = models.DateTimeField()
    mail_confirmed_at = models.DateTimeField(null=True)
    phone_confirmed_at = models.DateTimeField(null=True)
    third = models.CharField(max_length=20, blank=True)
    third_confirmed_at = models.DateTimeField(null=True)
    third_by = models.UUIDField(null=True)
    asked_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("asked_at",), condition=models.Q(handled_at=None), name="self_reset_waiting"),
            models.Index(fields=("member", "-id"), name="self_reset_of_member"),
        )


class HandOver(models.Model):
    """管理者の引継ぎ: from one administrator to another, step by step; `done` names the steps that are finished."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    from_member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    to_member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    done = models.JSONField(default=list)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    stopped_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation",),
                condition=models.Q(finished_at=None, stopped_at=None),
                name="hand_over_one_running",
            ),
        )


class RecoverySlips(models.Model):
    """再開のための割符: `needed` of `printed` slips together let a new administrator in; a hash of the whole only.

    Once they were shown, `claimed_for` becomes an administrator at `waits_until`, unless one who is there stops it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    needed = models.PositiveSmallIntegerField()
    printed = models.PositiveSmallIntegerField()
    secret_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    claimed_for = models.ForeignKey("organisations.Member", models.PROTECT, null=True, related_name="+")
    waits_until = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation",),
                condition=models.Q(used_at=None, replaced_at=None),
                name="recovery_slips_one_living",
            ),
        )


class SealedNotice(models.Model):
    """封緘通知: a first password for one named person to see, made when they open it inside the window and kept as a
    hash only (L-07). `lets_in` is whose first password it is: their own, or that of somebody they look after."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    subject = models.CharField(max_length=100)
    lets_in = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    decided_on = models.DateField()
    starts_on = models.DateField()
    last_day = models.DateField()
    value_hash = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("member", "-id"), name="sealed_notice_of_member"),)


class NoticeLook(models.Model):
    """封緘通知を開いた記録: who opened it, when and from where; each opening makes a new value."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    notice = models.ForeignKey(SealedNotice, models.PROTECT, related_name="openings")
    at = models.DateTimeField()
    browser = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=45, blank=True)
