"""Rules of the room 組織: the one table of permissions, the 法人番号, and the business days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from enum import Enum
from functools import cache
from types import MappingProxyType
from uuid import UUID

import holidays

from warifu.foundation.actor import Actor, ActorKind, Role
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.foundation.standing import Standing


class Permission(Enum):
    """What a member may do; the value is the scope name that an API token carries for the same thing."""

    OWN_RECORD = "own:record"  # see one's own record, take back, say no
    HAND_IN = "own:submission"  # hand in one's own number and papers
    PEOPLE_VIEW = "people:read"  # see who has handed in, not what
    ROSTER_LOAD = "rosters:write"  # load rosters, undo them
    INVITE = "invitations:write"  # send invitations and reminders
    ENTER_FOR = "submissions:enter"  # enter on a person's behalf
    DOCUMENTS_CHECK = "documents:check"  # reception: check papers for gaps, keep nothing
    VERIFY = "verification:write"  # look at images and confirm identity
    NUMBER_REVEAL = "numbers:reveal"  # see a number
    SECOND_CONFIRM = "verification:second"  # the second pair of eyes, the responsible person last
    DISPOSALS_READ = "disposals:read"  # see what is kept until when, and what was destroyed
    DISPOSALS_APPROVE = "disposals:approve"  # say that a number is needed no more, approve its disposal, keep longer
    DISPOSALS_CONFIRM = "disposals:confirm"  # confirm disposals as the responsible person, place and lift legal holds
    MEMBERS_MANAGE = "members:write"  # add members, change roles
    SETTINGS_MANAGE = "settings:write"  # settings, letter texts
    HANDLING_MANAGE = "handling:write"  # purposes, handlers, responsible person
    TRAIL_VIEW = "trail:read"  # read the trail
    TOKENS_MANAGE = "tokens:write"  # tokens for the API
    SECURITY_MANAGE = "security:write"  # who must show what, certificates, identity providers, hand-over
    PROVISION = "scim:write"  # keep members up to date from another system; never given roles of the office
    IDS_ISSUE = "ids:write"  # issue and end user IDs, their devices and access keys
    APPLY = "applications:write"  # apply for user codes, register and start licences
    REVIEW = "applications:review"  # review applications; members of the operator's organisation only
    LICENCES_MANAGE = "licences:write"  # products, cards and licences; the operator's organisation only
    RESETS_START = "resets:write"  # start somebody's reset, within the table of resets
    CUSTOMERS_MANAGE = "customers:write"  # customers of an office, their persons and requests; offices only
    FOLDERS_MANAGE = "folders:manage"  # open and end folders, say who sees them
    FOLDERS_FILE = "folders:write"  # put files in, confirm and correct their fields
    FOLDERS_READ = "folders:read"  # search, look at and write out; customers and auditors within what was given
    HELP_WRITE = "help:write"  # write articles of help for the own organisation, the operator for everybody
    HELP_KEEP = "help:keep"  # what nobody found and the dictionary of help; the operator's organisation only
    DESK_ENTER = "desk:enter"  # enter the desk at all


_OFFICE = Role.RECEIVER | Role.HANDLER | Role.RESPONSIBLE | Role.ADMINISTRATOR
_ACCOUNTANTS = Role.HEAD | Role.IT | Role.PAYROLL | Role.STAFF
_LEADERS = Role.ADMINISTRATOR | Role.HEAD

PERMISSIONS: dict[Permission, Role] = {
    Permission.OWN_RECORD: Role.EMPLOYEE | _OFFICE | _ACCOUNTANTS | Role.CUSTOMER | Role.REVIEWER | Role.AUDITOR,
    Permission.HAND_IN: Role.EMPLOYEE | _OFFICE | _ACCOUNTANTS | Role.CUSTOMER | Role.REVIEWER,
    Permission.DESK_ENTER: _OFFICE | _ACCOUNTANTS | Role.REVIEWER,
    Permission.PEOPLE_VIEW: _OFFICE,
    Permission.ROSTER_LOAD: Role.ADMINISTRATOR | Role.HANDLER,
    Permission.INVITE: Role.ADMINISTRATOR | Role.HANDLER,
    Permission.ENTER_FOR: Role.HANDLER,
    Permission.DOCUMENTS_CHECK: Role.RECEIVER | Role.HANDLER,
    Permission.VERIFY: Role.HANDLER | Role.RESPONSIBLE,
    Permission.NUMBER_REVEAL: Role.HANDLER | Role.RESPONSIBLE,
    Permission.SECOND_CONFIRM: Role.HANDLER | Role.RESPONSIBLE,
    Permission.DISPOSALS_READ: Role.HANDLER | Role.RESPONSIBLE | Role.ADMINISTRATOR,
    Permission.DISPOSALS_APPROVE: Role.HANDLER | Role.RESPONSIBLE,
    Permission.DISPOSALS_CONFIRM: Role.RESPONSIBLE,
    Permission.MEMBERS_MANAGE: _LEADERS,
    Permission.SETTINGS_MANAGE: _LEADERS,
    Permission.HANDLING_MANAGE: _LEADERS | Role.RESPONSIBLE,
    Permission.TRAIL_VIEW: _LEADERS | Role.RESPONSIBLE,
    Permission.TOKENS_MANAGE: _LEADERS,
    Permission.SECURITY_MANAGE: _LEADERS,
    Permission.APPLY: _LEADERS | Role.IT,
    Permission.REVIEW: Role.REVIEWER,
    Permission.LICENCES_MANAGE: Role.REVIEWER,
    Permission.PROVISION: _LEADERS,
    Permission.IDS_ISSUE: _LEADERS | Role.IT,
    Permission.CUSTOMERS_MANAGE: _LEADERS | Role.IT | Role.PAYROLL | Role.STAFF,
    Permission.RESETS_START: _LEADERS | Role.IT | Role.STAFF,
    Permission.HELP_WRITE: _LEADERS | Role.IT | Role.REVIEWER,
    Permission.HELP_KEEP: Role.REVIEWER,
    Permission.FOLDERS_MANAGE: _LEADERS,
    Permission.FOLDERS_FILE: _LEADERS | Role.STAFF | Role.PAYROLL | Role.CUSTOMER,
    Permission.FOLDERS_READ: _LEADERS | Role.STAFF | Role.PAYROLL | Role.CUSTOMER | Role.AUDITOR,
}
"""Which role may do what. An administrator is not a handler by default: no numbers, no images (S-09)."""


LEVEL_TWO = frozenset(
    {
        Permission.VERIFY,
        Permission.NUMBER_REVEAL,
        Permission.SECOND_CONFIRM,
        Permission.DISPOSALS_APPROVE,
        Permission.DISPOSALS_CONFIRM,
        Permission.MEMBERS_MANAGE,
        Permission.HANDLING_MANAGE,
        Permission.TOKENS_MANAGE,
        Permission.SECURITY_MANAGE,
        Permission.IDS_ISSUE,
        Permission.RESETS_START,
        Permission.REVIEW,
        Permission.LICENCES_MANAGE,
        Permission.FOLDERS_MANAGE,
    }
)
"""What a member may do only after two factors: numbers and pictures, and the rights of others (L-14, L-19)."""

_NEVER_THE_OPERATOR = frozenset(
    {
        Permission.NUMBER_REVEAL,
        Permission.VERIFY,
        Permission.ENTER_FOR,
        Permission.DISPOSALS_APPROVE,
        Permission.DISPOSALS_CONFIRM,
    }
)
_NEW_WORK = frozenset({Permission.ROSTER_LOAD, Permission.INVITE, Permission.ENTER_FOR, Permission.HAND_IN})
WITHHELD: dict[Standing, frozenset[Permission]] = {
    Standing.FULL: frozenset(),
    Standing.KEEPING: frozenset({Permission.INVITE, Permission.HAND_IN}),
    Standing.ENDED: _NEW_WORK,
    Standing.REVOKED: _NEW_WORK,
}
"""What no role may do while the organisation's licence does not reach so far. Numbers that lie here are still read,
checked, written out and destroyed, and the trail is read: the law's duties do not end with a licence (R-01)."""


def roles_for(*, is_office: bool, is_operator: bool) -> Role:
    """The roles that members of an organisation may be given: some belong to offices, one to the operator."""
    held = Role.EMPLOYEE | _OFFICE | Role.AUDITOR
    if is_office:
        held |= _ACCOUNTANTS | Role.CUSTOMER
    return held | Role.REVIEWER if is_operator else held


class NotPermitted(Refused):
    """The actor's roles do not include what was asked."""

    code = "WF-O101"
    sentence = _("この操作をする役割を持っていません。")
    remedy = _("必要な役割は「だれが何をできるか」のページで確かめ、管理者に依頼してください。")
    status = 403


class LevelTooLow(Refused):
    """The role would do, but this session was opened with one factor only (L-14, L-19)."""

    code = "WF-O102"
    sentence = _("この操作には、パスワードのほかにもう一つの確認(パスキー、認証アプリ、電子証明書)が必要です。")
    remedy = _("「ご本人の確認」の画面で、登録済みの方法で確認するか、その場で登録してください。")
    status = 403


class StandingOver(Refused):
    """The organisation's licence has ended or was revoked: nothing new is begun."""

    code = "WF-L321"
    sentence = _("ライセンスが終わっているため、新しい収集と発行は止まっています。")
    remedy = _(
        "預かっている番号を見る、消す、書き出す、監査証跡を読むことは、いままでどおりできます。続けて使うときは、管理者が新しい製品登録番号カードを登録してください。"
    )
    status = 403


class NotInEdition(Refused):
    """The organisation's product keeps numbers and does not collect them (edition 保管だけ)."""

    code = "WF-L322"
    sentence = _("お使いの製品は「保管だけ」のため、入力の依頼と本人による提出は使えません。")
    remedy = _("名簿の取込みと代行入力で登録してください。依頼も使うときは、「収集と保管」の製品をお求めください。")
    status = 403


def refusal(*, by: Actor, permission: Permission, organisation_id: UUID) -> type[Refused] | None:
    """Why an actor may not do a thing in an organisation: their role, or how far its licence reaches; None: they may.

    The house itself may do anything that it does by schedule, its operator nothing with numbers; a member must belong
    to the organisation and hold a role of the table; a token must belong to it and carry the scope.
    """
    if not _holds(by, permission, organisation_id):
        return NotPermitted
    if permission not in WITHHELD[by.standing]:
        return None
    return StandingOver if by.standing.is_over else NotInEdition


def may(*, by: Actor, permission: Permission, organisation_id: UUID) -> bool:
    """Whether `refusal` has nothing against it."""
    return refusal(by=by, permission=permission, organisation_id=organisation_id) is None


def require(*, by: Actor, permission: Permission, organisation_id: UUID) -> None:
    """Raise what `refusal` says, and `LevelTooLow` when the session is too weak for it."""
    refused = refusal(by=by, permission=permission, organisation_id=organisation_id)
    if refused is not None:
        raise refused
    if permission in LEVEL_TWO:
        require_level_two(by=by)


def require_running(*, by: Actor) -> None:
    """Raise `StandingOver` before something new is issued under a permission that also ends and reads things."""
    if by.standing.is_over:
        raise StandingOver


def _holds(by: Actor, permission: Permission, organisation_id: UUID) -> bool:
    if by.kind is ActorKind.SYSTEM:
        return True
    if by.kind is ActorKind.OPERATOR:
        return permission not in _NEVER_THE_OPERATOR
    if by.organisation_id != organisation_id:
        return False
    if by.kind is ActorKind.TOKEN:
        return permission.value in by.scopes
    return bool(PERMISSIONS[permission] & by.roles) or permission.value in by.scopes


def require_level_two(*, by: Actor) -> None:
    """Raise `LevelTooLow` for a member whose session was opened with one factor only (L-14)."""
    if by.kind is ActorKind.MEMBER and by.level < 2:
        raise LevelTooLow


def may_change_own_mail(*, roles: Role) -> bool:
    """Whether a person sees to their own mail address; that of office people is for administrators: links go there."""
    return not roles & ~(Role.EMPLOYEE | Role.CUSTOMER)


def is_corporate_number(text: str) -> bool:
    """Whether a text is a 法人番号: thirteen digits, the first of them checks the rest (省令70号; N-03)."""
    if not re.fullmatch(r"[1-9][0-9]{12}", text):
        return False
    total = sum(int(digit) * (1 if place % 2 else 2) for place, digit in enumerate(reversed(text[1:]), start=1))
    return int(text[0]) == 9 - total % 9


def is_business_day(*, day: date, exceptions: Mapping[date, bool] = MappingProxyType({})) -> bool:
    """Whether public offices work on a day: no weekend, holiday, nor 12-29 … 01-03 (J-12).

    `exceptions` are an organisation's own days: True where it works all the same, False where it does not.
    """
    if day in exceptions:
        return exceptions[day]
    year_end = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() < 5 and not year_end and day not in _japanese_holidays()


def add_business_days(*, day: date, count: int, exceptions: Mapping[date, bool] = MappingProxyType({})) -> date:
    """The business day `count` business days after `day` (before it when negative); zero returns `day` itself."""
    step = timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left:
        day += step
        if is_business_day(day=day, exceptions=exceptions):
            left -= 1
    return day


@cache
def _japanese_holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("JP")
