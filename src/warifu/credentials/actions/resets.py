"""Who may help whom back in: the table of `rules.resets`, applied (003-7, 003-12, L-08)."""

from __future__ import annotations

from uuid import UUID

from warifu.credentials.queries import ids
from warifu.credentials.rules import resets as rules
from warifu.foundation.actor import Actor, ActorKind
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView
from warifu.organisations.rules import Permission, require


class NotYoursToHelp(Refused):
    """The table of resets protects this person from the actor's roles."""

    code = "WF-S720"
    sentence = _("あなたの役割では、この人のIDとパスワードの再設定を扱えません。")
    remedy = _("所長または管理者に頼んでください。だれがだれの再設定を始められるかは「だれが何をできるか」にあります。")
    status = 403


class HeadHelpsThemself(Refused):
    """The head wants to start their own reset at the desk."""

    code = "WF-S721"
    sentence = _("所長ご本人の再設定は、この画面からは始められません。")
    remedy = _("サインインの画面の「パスワードを忘れた」から、ご自分で再設定するか、管理者に頼んでください。")
    status = 403


class IdEnded(Refused):
    """The person's ID was ended; without a new one they cannot sign in."""

    code = "WF-S722"
    sentence = _("この人の利用者IDは、利用を終えています。")
    remedy = _("もう一度使ってもらうときは、新しい利用者IDを発行してください。")


def may_start(*, by: Actor, target: MemberView) -> bool:
    """Whether the table lets the actor start a member's reset; the house itself may."""
    if by.kind is not ActorKind.MEMBER:
        return True
    return rules.may_start(starter=by.roles, target=target.roles, is_self=by.id == target.id)


def insist_may_start(*, organisation_id: UUID, member_id: UUID, by: Actor) -> MemberView:
    """The active member whose reset the actor wants to start.

    Raises `NotPermitted`, `LevelTooLow`, `NotFound`, `NotYoursToHelp`, `HeadHelpsThemself`, `IdEnded`.
    """
    require(by=by, permission=Permission.RESETS_START, organisation_id=organisation_id)
    member = organisations.member(organisation_id=organisation_id, member_id=member_id)
    if not member.is_active:
        raise NotFound
    if not may_start(by=by, target=member):
        raise HeadHelpsThemself if by.id == member_id else NotYoursToHelp
    if ids.is_stopped(member_id=member_id):
        raise IdEnded
    return member


def insist_may_touch(*, by: Actor, member: MemberView) -> None:
    """Raise `NotYoursToHelp` unless the ID and the devices are one's own, or those of somebody one may help."""
    if by.id != member.id and not may_start(by=by, target=member):
        raise NotYoursToHelp
