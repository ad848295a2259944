"""Table of a person's own change of mail address."""

from __future__ import annotations

from django.db import models

from warifu.foundation.ids import new_id


class MailChange(models.Model):
    """メールアドレスの変更: somebody wants their letters elsewhere; counts once the new mailbox is proven (L-12, L-25).

    The code that goes to the new address stands in no table: it is derived from the row's id with a key.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey("organisations.Member", models.PROTECT, related_name="+")
    mail = models.CharField(max_length=254)
    asked_at = models.DateTimeField()
    valid_until = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)
    replaced_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (models.Index(fields=("member", "-id"), name="mail_change_of_member"),)
