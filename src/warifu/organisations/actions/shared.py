"""What the verbs of the room share: rows under lock, what changed, what the search looks into."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from warifu.foundation.actor import Actor, Role
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.models import Member
from warifu.organisations.rules import Permission, may


class OfficeMail(Refused):
    """The mail address of somebody with a role in the office is changed by administrators only."""

    code = "WF-O207"
    sentence = _("会社側の役割を持つ人のメールアドレスは、管理者だけが変えられます。")
    remedy = _("サインインのリンクが届く先のためです。管理者に変更を依頼してください。")
    status = 403


def locked(*, organisation_id: UUID, member_id: UUID) -> Member:
    """The active member, locked for a change in the running transaction; raises `NotFound` for anybody else's."""
    member = (
        Member.objects.select_for_update()
        .filter(organisation_id=organisation_id, id=member_id, state=Member.State.ACTIVE)
        .first()
    )
    if member is None:
        raise NotFound
    return member


def insist_own_mails(*, organisation_id: UUID, mails: dict[UUID, str], by: Actor) -> None:
    """Raise `OfficeMail` when somebody but an administrator would redirect the mail of office people."""
    if may(by=by, permission=Permission.MEMBERS_MANAGE, organisation_id=organisation_id):
        return
    office = Member.objects.filter(organisation_id=organisation_id, roles__gt=int(Role.EMPLOYEE))
    for member_id, mail in office.values_list("id", "mail"):
        if mails.get(member_id, mail) != mail:
            raise OfficeMail


def changes(*, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What changed, as the trail keeps it: the values before and after of the keys that differ."""
    changed = [key for key in after if before[key] != after[key]]
    return {"before": {key: before[key] for key in changed}, "after": {key: after[key] for key in changed}}
