"""Who does a thing: the 操作者 that every action names as `by`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum, IntFlag
from uuid import UUID

from warifu.foundation.standing import Standing


class Role(IntFlag):
    """役割: what a member is to the organisation; one member may hold several (G annex 1, P-09, P-15)."""

    EMPLOYEE = 1  # 従業員
    RECEIVER = 2  # 受付
    HANDLER = 4  # 事務取扱担当者
    RESPONSIBLE = 8  # 責任者
    ADMINISTRATOR = 16  # 管理者
    HEAD = 32  # 所長
    IT = 64  # IT担当者
    PAYROLL = 128  # 給与計算担当者
    STAFF = 256  # 職員
    CUSTOMER = 512  # 顧客
    REVIEWER = 1024  # 審査担当者
    AUDITOR = 2048  # 監査人・調査官


NO_ROLE = Role(0)


class ActorKind(Enum):
    """What kind of hand moved: a person, the house itself, its operator, or a program with a token."""

    MEMBER = "member"
    SYSTEM = "system"
    OPERATOR = "operator"
    TOKEN = "token"  # noqa: S105


@dataclass(frozen=True, kw_only=True)
class Actor:
    """One 操作者, as the trail and the permission table see them.

    `organisation_id` is None only for the house itself and its operator. `authenticated_at` is the moment of
    the last proof of identity in this session (L-25), `level` its strength (L-14). `scopes` belong to tokens, and to
    those who act for a client by an entrustment.
    `standing` is how far the organisation may work, read when the actor came in.
    """

    kind: ActorKind
    id: UUID | None = None
    label: str = ""
    organisation_id: UUID | None = None
    roles: Role = NO_ROLE
    level: int = 1
    authenticated_at: datetime | None = None
    scopes: frozenset[str] = frozenset()
    standing: Standing = Standing.FULL


SYSTEM = Actor(kind=ActorKind.SYSTEM, label="割符")
OPERATOR = Actor(kind=ActorKind.OPERATOR, label="運用者")
