"""Verbs of the room 組織: organisations, members one by one and in crowds, the handling plan."""

from warifu.organisations.actions.crowds import MemberInUse, NewMember, add_members, change_members, remove_members
from warifu.organisations.actions.handling import (
    NotAHandler,
    PlanIncomplete,
    PurposeUnknown,
    appoint,
    complete_plan,
    dismiss,
    write_plan,
)
from warifu.organisations.actions.members import (
    EmployeeCodeTaken,
    LastAdministrator,
    MailTaken,
    RolesNeeded,
    add_member,
    change_mail,
    change_own_mail,
    change_roles,
    record_leaving,
    search_text,
)
from warifu.organisations.actions.organisations import (
    CodeTaken,
    CorporateNumberWrong,
    change_settings,
    create,
    set_sign_in_policy,
    set_standing,
)
from warifu.organisations.actions.shared import OfficeMail

__all__ = [
    "CodeTaken",
    "CorporateNumberWrong",
    "EmployeeCodeTaken",
    "LastAdministrator",
    "MailTaken",
    "MemberInUse",
    "NewMember",
    "NotAHandler",
    "OfficeMail",
    "PlanIncomplete",
    "PurposeUnknown",
    "RolesNeeded",
    "add_member",
    "add_members",
    "appoint",
    "change_mail",
    "change_members",
    "change_own_mail",
    "change_roles",
    "change_settings",
    "complete_plan",
    "create",
    "dismiss",
    "record_leaving",
    "remove_members",
    "search_text",
    "set_sign_in_policy",
    "set_standing",
    "write_plan",
]
