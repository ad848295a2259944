"""What an organisation chose for its employees' manual."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings

from warifu.foundation.refusals import translatable as _
from warifu.help.models import EmployeeManual
from warifu.help.rules.manuals import Choices, read
from warifu.organisations import queries as organisations

TITLE = _("マイナンバー提出の手引き")
DEADLINE = _("案内のメールに書いてある日まで")
CONTACT = _("人事・総務の担当者")


def choices(*, organisation_id: UUID) -> Choices:
    """The choices, or those that fit the organisation's settings when nothing was chosen. Two queries."""
    home = organisations.organisation(organisation_id=organisation_id)
    otherwise = Choices(
        title=TITLE,
        sender_name=home.name,
        sender_mail=settings.DEFAULT_FROM_EMAIL,
        deadline=DEADLINE,
        contact=home.contact or CONTACT,
    )
    row = EmployeeManual.objects.filter(organisation_id=organisation_id).first()
    return read(row.choices, otherwise=otherwise) if row else otherwise
