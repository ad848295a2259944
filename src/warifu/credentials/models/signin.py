"""Tables of signing in: passwords, links, the process, sessions, the limiter."""

from __future__ import annotations

from django.db import models

from warifu.foundation.ids import new_id


class Password(models.Model):
    """パスワード: the hash of a member's password (L-05)."""

    member = models.OneToOneField("organisations.Member", models.PROTECT, primary_key=True, related_name="+")
    hash = models.CharField(max_length=200)
    set_at = models.DateTimeField()


class Activation(models.Model):
    """はじめての設定・再設定のリンク: single use; `replaced_at` ends it when a newer one is made (L-06)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=20)
    created_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("member", "-id"), name="activation_of_member"),)


class SignIn(models.Model):
    """サインインの途中: which stages are passed; its token is known to one browser only.

    An unknown person gets a row too (`member` is null), so that nothing tells them apart (L-10). `subject` names the
    account to the limiter. `purpose` says what follows the last stage: a session, or the obtaining of a certificate,
    which always asks for a mailed code or more.
    """

    class Purpose(models.TextChoices):
        SESSION = "session", "サインイン"
        ENROLMENT = "enrolment", "電子証明書の取得"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    organisation_id = models.UUIDField(null=True)
    member = models.ForeignKey("organisations.Member", models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=300)
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.SESSION)
    certificate_id = models.UUIDField(null=True)
    access_key_id = models.UUIDField(null=True)
    passed = models.JSONField(default=list)
    factors = models.JSONField(default=list)
    started_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)


class Session(models.Model):
    """セッション: one signed-in browser; the cookie holds a random token, the table its SHA-256 (L-22 … L-24).

    `level` and `factors` say how identity was proven, up to the last step-up (L-28). `idle_hours` is the log-out time
    of the person's own ID (003-6); without it the organisation's holds. A session that a certificate or an access key
    opened names it, and ends with it. `acting_by` is the entrustment by which its person works for a client just now.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(default=1)
    factors = models.JSONField(default=list)
    idle_hours = models.PositiveSmallIntegerField(null=True)
    certificate_id = models.UUIDField(null=True)
    access_key_id = models.UUIDField(null=True)
    acting_by = models.UUIDField(null=True)
    authenticated_at = models.DateTimeField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    end_reason = models.CharField(max_length=20, blank=True)
    browser = models.CharField(max_length=200, blank=True)
    address = models.CharField(max_length=45, blank=True)

    class Meta:
        indexes = (models.Index(fields=("member", "-id"), name="session_of_member"),)


class Attempt(models.Model):
    """失敗の数: failures of one subject for one purpose since `window_from` (L-11); the one limiter of the house."""

    purpose = models.CharField(max_length=40)
    subject = models.CharField(max_length=64)
    failures = models.PositiveIntegerField(default=0)
    window_from = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("purpose", "subject"), name="attempt_once"),)
