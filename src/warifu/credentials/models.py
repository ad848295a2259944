"""Tables of the room 資格."""

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
    account to the limiter.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    organisation_id = models.UUIDField(null=True)
    member = models.ForeignKey("organisations.Member", models.PROTECT, null=True, related_name="+")
    subject = models.CharField(max_length=300)
    passed = models.JSONField(default=list)
    started_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)


class Session(models.Model):
    """セッション: one signed-in browser; the cookie holds a random token, the table its SHA-256 (L-22 … L-24)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token_hash = models.CharField(max_length=64, unique=True)
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(default=1)
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


class Token(models.Model):
    """APIトークン: an organisation's key for programs, with scopes and an end; stored as SHA-256."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    issued_by = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class IdempotencyKey(models.Model):
    """二重送信よけの鍵: the answer already given to a write of the API, kept for a day."""

    token = models.ForeignKey(Token, models.CASCADE, related_name="+")
    key = models.CharField(max_length=100)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    answer = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("token", "key"), name="idempotency_once"),)
