"""Tables of client certificates: authorities, certificates, lists of what is revoked (C-01 … C-08)."""

from __future__ import annotations

from django.db import models

from warifu.foundation.ids import new_id


class Authority(models.Model):
    """認証局: the root of the installation, or an issuing one (shared: no organisation). Its key is sealed, or it
    lies in a PKCS#11 token and `key_label` names it there."""

    class Kind(models.TextChoices):
        ROOT = "root", "ルート認証局"
        ISSUING = "issuing", "発行認証局"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, null=True, related_name="+")
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=100)
    der = models.BinaryField()
    subject_key_id = models.CharField(max_length=40, unique=True)
    sealed_key = models.BinaryField(null=True)
    key_label = models.CharField(max_length=64, blank=True)
    valid_until = models.DateTimeField()
    crl_number = models.BigIntegerField(default=0)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)


class Certificate(models.Model):
    """電子証明書: issued to a member's device, or to this installation's own server (`member` is null)."""

    class Way(models.TextChoices):
        AGENT = "agent", "電子証明書ツール"
        BROWSER = "browser", "ブラウザー"
        FILE = "file", "ファイル(.p12)"
        SERVER = "server", "サーバー"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    authority = models.ForeignKey(Authority, models.PROTECT, related_name="+")
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, null=True, related_name="+")
    member = models.ForeignKey("organisations.Member", models.PROTECT, null=True, related_name="+")
    issued_to = models.CharField(max_length=100)
    device_name = models.CharField(max_length=60, blank=True)
    way = models.CharField(max_length=10, choices=Way.choices)
    serial = models.CharField(max_length=40, unique=True)
    fingerprint = models.CharField(max_length=64, unique=True)
    der = models.BinaryField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    issued_at = models.DateTimeField()
    first_used_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")
    replaced_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.UUIDField(null=True)
    reason = models.CharField(max_length=30, blank=True)
    reminded_days = models.PositiveSmallIntegerField(null=True)
    unused_noted_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("member", "-id"), name="certificate_of_member"),
            models.Index(fields=("organisation", "-id"), name="certificate_of_organisation"),
            models.Index(
                fields=("valid_until",), condition=models.Q(revoked_at=None, replaced_at=None), name="certificate_ends"
            ),
            models.Index(
                fields=("authority", "valid_until"),
                condition=models.Q(revoked_at__isnull=False),
                name="certificate_revoked",
            ),
        )


class Enrolment(models.Model):
    """電子証明書の取得: whoever proved who they are may have one certificate made, within minutes, nothing else.

    The program holds a bearer token whose hash stands here. A `.p12` that the server makes has no token: its row is
    taken once, its key is in no table, and its password is derived when the letter leaves (C-03).
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    way = models.CharField(max_length=10, choices=Certificate.Way.choices)
    token_hash = models.CharField(max_length=64, null=True, unique=True)
    factors = models.JSONField(default=list)
    issued_to = models.CharField(max_length=64, blank=True)
    device_name = models.CharField(max_length=60, blank=True)
    replaces = models.ForeignKey(Certificate, models.PROTECT, null=True, related_name="+")
    certificate = models.ForeignKey(Certificate, models.PROTECT, null=True, related_name="+")
    started_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class RevocationList(models.Model):
    """失効リスト (CRL): the newest one of each authority is what is served."""

    authority = models.OneToOneField(Authority, models.CASCADE, primary_key=True, related_name="+")
    number = models.BigIntegerField()
    der = models.BinaryField()
    this_update = models.DateTimeField()
    next_update = models.DateTimeField()
