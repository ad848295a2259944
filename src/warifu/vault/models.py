"""Tables of the room 金庫. Nothing in them can be read without a master key (P-06)."""

from __future__ import annotations

from django.db import models

from warifu.foundation.ids import new_id


class OrganisationKey(models.Model):
    """組織の鍵: wraps the data keys of one organisation; wrapped itself by the master key `master_id`.

    `id` is drawn at random by `sealing` and stands in each box that the key seals.
    """

    class State(models.TextChoices):
        CURRENT = "current", "使用中"
        OLD = "old", "読むためだけ"
        DESTROYED = "destroyed", "破棄済み"

    id = models.BigIntegerField(primary_key=True)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    wrapped = models.BinaryField()
    master_id = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=State.choices, default=State.CURRENT)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation",), condition=models.Q(state="current"), name="organisation_key_one_current"
            ),
        )


class SealedNumber(models.Model):
    """封緘された個人番号: cipher text, wrapped data key, and a tag for finding duplicates inside one organisation.

    `subject_id` is the member or dependent whose number it is. `purposes` are the purposes that the person was told
    of when handing it in (P-03).
    """

    ref = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    subject_id = models.UUIDField(db_index=True)
    key_id = models.BigIntegerField(null=True)
    wrapped_key = models.BinaryField(null=True)
    sealed = models.BinaryField(null=True)
    tag = models.BinaryField(null=True)
    purposes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=("organisation", "tag"), name="sealed_number_tag"),
            models.Index(fields=("key_id",), name="sealed_number_key"),
        )


class SealedFile(models.Model):
    """封緘されたファイル: the wrapped key of a picture or roster whose cipher text lies in the store under `ref`."""

    ref = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    subject_id = models.UUIDField(db_index=True)
    key_id = models.BigIntegerField(null=True)
    wrapped_key = models.BinaryField(null=True)
    media_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    generation = models.PositiveSmallIntegerField(default=1)
    created_at = models.DateTimeField()
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("key_id",), name="sealed_file_key"),)


class UseRecord(models.Model):
    """取扱記録: who saw or used which number, when, for what; allowed or denied; never a number (S-03, S-09).

    `act` is seal, reveal, use, compare, destroy or the refused form of one; `document` names what it was used for.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    ref = models.UUIDField(null=True)
    subject_id = models.UUIDField(null=True)
    act = models.CharField(max_length=20)
    allowed = models.BooleanField()
    reason = models.CharField(max_length=40, blank=True)
    purpose = models.CharField(max_length=40, blank=True)
    document = models.CharField(max_length=200, blank=True)
    actor_kind = models.CharField(max_length=10)
    actor_id = models.UUIDField(null=True)
    actor_label = models.CharField(max_length=310, blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=("organisation", "-id"), name="use_of_organisation"),
            models.Index(fields=("subject_id", "-id"), name="use_of_subject"),
        )
