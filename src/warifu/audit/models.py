"""Tables of the room 監査証跡."""

from __future__ import annotations

from uuid import UUID

from django.db import models

THE_HOUSE = UUID(int=0)
"""The chain of entries that belong to no organisation: the installation's own."""


class Entry(models.Model):
    """監査記録: one line of the trail. `body` holds the canonical bytes that `mac` authenticates.

    `position` counts the entries of one chain from 1 and is given by the sealer; until then it is null.
    The columns beside `body` repeat parts of it, so that screens can filter; verification compares them.
    """

    id = models.UUIDField(primary_key=True)
    organisation_id = models.UUIDField(default=THE_HOUSE)
    at = models.DateTimeField()
    event = models.CharField(max_length=80)
    actor_id = models.UUIDField(null=True)
    subject_id = models.UUIDField(null=True)
    body = models.TextField()
    mac = models.CharField(max_length=64)
    position = models.PositiveBigIntegerField(null=True)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation_id", "position"), name="entry_position_once"),)
        indexes = (
            models.Index(fields=("organisation_id", "-id"), name="entry_of_organisation"),
            models.Index(fields=("subject_id", "-id"), name="entry_of_subject"),
            models.Index(fields=("id",), condition=models.Q(position=None), name="entry_unsealed"),
        )


class Seal(models.Model):
    """封: one link of an organisation's chain; covers the entries from `first` to `last` by position.

    `marks` holds the first eight digits of each entry's `mac`, in order, so that verification can name what was
    removed, added or moved inside a batch whose `root` no longer fits.
    """

    id = models.UUIDField(primary_key=True)
    organisation_id = models.UUIDField(default=THE_HOUSE)
    number = models.PositiveBigIntegerField()
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    marks = models.TextField()
    root = models.CharField(max_length=64)
    chain = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(fields=("organisation_id", "number"), name="seal_number_once"),)
