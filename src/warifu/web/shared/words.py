"""Words that several wings show for the same thing."""

from __future__ import annotations

from warifu.foundation.actor import Role
from warifu.foundation.refusals import translatable as _

ROLE_NAMES: dict[Role, str] = {
    Role.HEAD: _("所長"),
    Role.ADMINISTRATOR: _("管理者"),
    Role.RESPONSIBLE: _("責任者"),
    Role.HANDLER: _("事務取扱担当者"),
    Role.RECEIVER: _("受付"),
    Role.IT: _("IT担当者"),
    Role.PAYROLL: _("給与計算担当者"),
    Role.STAFF: _("職員"),
    Role.CUSTOMER: _("顧客"),
    Role.EMPLOYEE: _("従業員"),
}
"""Each role's name, the furthest-reaching first."""


def role_names(roles: Role) -> list[str]:
    """The names of all roles in `roles`, untranslated, in the order of `ROLE_NAMES`."""
    return [name for role, name in ROLE_NAMES.items() if role in roles]
