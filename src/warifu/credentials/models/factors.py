"""Tables of factors: what a person proves their identity with, beside the password (L-13 … L-21)."""

from __future__ import annotations

from django.db import models

from warifu.foundation.ids import new_id


class MailCode(models.Model):
    """メール確認コード: made for one sign-in (or one other purpose), the newest only (L-13 … L-15).

    The code itself stands in no table: it is derived from the row's id with a key when the letter leaves.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    process = models.UUIDField()
    sent_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("process", "-id"), name="mail_code_of_process"),)


class Authenticator(models.Model):
    """認証アプリ: a TOTP secret, sealed; `last_step` is the newest time step that was accepted (L-17)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    sealed_secret = models.BinaryField()
    last_step = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("member", "-id"), name="authenticator_of_member"),)


class Passkey(models.Model):
    """パスキー: a WebAuthn credential (L-18); several a person, each with a name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    credential_id = models.BinaryField(max_length=1023, unique=True)
    public_key = models.BinaryField()
    sign_count = models.BigIntegerField(default=0)
    aaguid = models.CharField(max_length=36, blank=True)
    transports = models.JSONField(default=list)
    is_synced = models.BooleanField(default=False)
    is_backed_up = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("member", "-id"), name="passkey_of_member"),)


class PasskeyChallenge(models.Model):
    """パスキーへの問い: 32 random bytes for one ceremony; consumed in one statement before the answer is examined."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    challenge = models.BinaryField(max_length=32, unique=True)
    purpose = models.CharField(max_length=20)
    member_id = models.UUIDField(null=True)
    made_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class RecoveryCode(models.Model):
    """予備コード: shown once, single use, a hash only (117 bits; L-20)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    code_hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("member", "code_hash"), name="recovery_code_of_member"),)
