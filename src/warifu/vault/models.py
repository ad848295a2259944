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


class Keeping(models.Model):
    """保存と廃棄: how long one person's number is kept for one purpose after the need ended, and its disposal (R-03).

    No row exists while the number is needed. `subject_id` is the person, never a number; `kept_until` the last day of
    keeping by `basis`, or by a handler's decision where `prolonged` says why. Proposed by the night, approved by a
    handler, confirmed by a responsible person (R-05); a row that is DONE is the record of disposal (R-06): `batch`
    joins what was confirmed at once, `numbers` and `pictures` count what was destroyed with it (zero while the number
    is still kept for another purpose), and `backups_until` is the day from which no backup holds it any more (R-07).
    """

    class State(models.TextChoices):
        PLANNED = "planned", "保存中"
        PROPOSED = "proposed", "廃棄の候補"
        APPROVED = "approved", "責任者の確認待ち"
        DONE = "done", "廃棄済み"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+", db_index=False)
    subject_id = models.UUIDField(db_index=True)
    purpose = models.CharField(max_length=40)
    ended_on = models.DateField()
    basis = models.CharField(max_length=100)
    kept_until = models.DateField()
    prolonged = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PLANNED)
    due_on = models.DateField(null=True)
    approved_by = models.UUIDField(null=True)
    approved_label = models.CharField(max_length=310, blank=True)
    approved_at = models.DateTimeField(null=True)
    confirmed_by = models.UUIDField(null=True)
    confirmed_label = models.CharField(max_length=310, blank=True)
    done_at = models.DateTimeField(null=True)
    batch = models.UUIDField(null=True, db_index=True)
    numbers = models.PositiveSmallIntegerField(default=0)
    pictures = models.PositiveSmallIntegerField(default=0)
    backups_until = models.DateField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=("organisation", "subject_id", "purpose"),
                condition=~models.Q(state="done"),
                name="keeping_one_open",
            ),
        )
        indexes = (
            models.Index(fields=("organisation", "state", "kept_until", "id"), name="keeping_by_end"),
            models.Index(fields=("kept_until", "id"), condition=models.Q(state="planned"), name="keeping_to_propose"),
        )


class LegalHold(models.Model):
    """保全: nothing of a person, or of the whole organisation, is destroyed while a tax audit or lawsuit lasts (R-09).

    Without `subject_id` it covers everybody. `until` is the last day; `lifted_at` ends it earlier.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey("organisations.Organisation", models.PROTECT, related_name="+")
    subject_id = models.UUIDField(null=True)
    reason = models.CharField(max_length=300)
    owner = models.CharField(max_length=100)
    until = models.DateField()
    placed_by = models.CharField(max_length=310)
    placed_at = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=310, blank=True)


class DisposalPolicy(models.Model):
    """廃棄の設定: on which first of a month disposals are carried out, and who decides (R-05, S-15)."""

    organisation = models.OneToOneField(
        "organisations.Organisation", models.PROTECT, primary_key=True, related_name="+"
    )
    every_months = models.PositiveSmallIntegerField(default=1)
    is_small = models.BooleanField(default=False)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="disposal_policy_months", condition=models.Q(every_months__in=(1, 2, 3, 4, 6, 12))
            ),
        )
