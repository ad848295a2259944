"""Tables of programs and other services: tokens of the API, identity providers, sister services."""

from __future__ import annotations

from django.db import models

from warifu.foundation.ids import new_id


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


class IdentityProvider(models.Model):
    """外部のID基盤: another service whose sign-in an organisation accepts (OpenID Connect; L-26)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    issuer = models.URLField(max_length=300)
    client_id = models.CharField(max_length=200)
    sealed_secret = models.BinaryField()
    level_two_acr = models.JSONField(default=list)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "issuer", "client_id"),
                condition=models.Q(ended_at=None),
                name="identity_provider_once",
            ),
        )


class ExternalIdentity(models.Model):
    """外部のIDとの結び付き: a member is known at a provider by issuer and subject, never by mail (L-26)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    provider = models.ForeignKey(IdentityProvider, models.PROTECT, related_name="+")
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    subject = models.CharField(max_length=255)
    bound_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("provider", "subject"), condition=models.Q(ended_at=None), name="external_identity_once"
            ),
        )


class ExternalSignIn(models.Model):
    """外部のID基盤へ行っているあいだ: state, nonce and PKCE verifier of one browser; used once."""

    state_hash = models.CharField(max_length=64, primary_key=True)
    provider = models.ForeignKey(IdentityProvider, models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=64)
    verifier = models.CharField(max_length=128)
    purpose = models.CharField(max_length=10)
    binds_member_id = models.UUIDField(null=True)
    back = models.CharField(max_length=500, blank=True)
    started_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)


class SisterService(models.Model):
    """姉妹サービス: a service that lets people in whom this house has signed in (OpenID Connect provider; 000-18)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    client_id = models.CharField(max_length=48, unique=True)
    secret_hash = models.CharField(max_length=64)
    redirect_uris = models.JSONField(default=list)
    shares_roles = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)


class SisterCode(models.Model):
    """姉妹サービスへの引換え: an authorisation code, then the access token it became; hashes only, used once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    service = models.ForeignKey(SisterService, models.CASCADE, related_name="+")
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    session_id = models.UUIDField()
    code_hash = models.CharField(max_length=64, unique=True)
    token_hash = models.CharField(max_length=64, blank=True, db_index=True)
    redirect_uri = models.CharField(max_length=500)
    challenge = models.CharField(max_length=128)
    nonce = models.CharField(max_length=200, blank=True)
    scope = models.CharField(max_length=200)
    level = models.PositiveSmallIntegerField()
    authenticated_at = models.DateTimeField()
    issued_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class SigningKey(models.Model):
    """署名鍵: signs what sister services are told; the private half is sealed."""

    id = models.CharField(max_length=43, primary_key=True)
    public_jwk = models.JSONField()
    sealed_key = models.BinaryField()
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)


class ProvisionedMember(models.Model):
    """外部からの登録: a member whom another system keeps up to date by SCIM, under that system's own id and name."""

    member = models.OneToOneField("organisations.Member", models.PROTECT, primary_key=True, related_name="+")
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    external_id = models.CharField(max_length=255, blank=True)
    user_name = models.CharField(max_length=255)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "external_id"),
                condition=models.Q(removed_at=None) & ~models.Q(external_id=""),
                name="provisioned_external_id_once",
            ),
            models.UniqueConstraint(
                fields=("organisation", "user_name"),
                condition=models.Q(removed_at=None),
                name="provisioned_user_name_once",
            ),
        )
