"""What may be entrusted, and the clauses that a contract needs (S-14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum

from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission


class Task(Enum):
    """委託する仕事: what an office may do in a client's place; none of them shows or takes out a number (P-07)."""

    PROGRESS = "progress"  # 提出の状況を見る
    ROSTER = "roster"  # 名簿を取り込む
    INVITE = "invite"  # 入力を依頼し、催促する


TASK_PERMISSIONS: Mapping[Task, Permission] = {
    Task.PROGRESS: Permission.PEOPLE_VIEW,
    Task.ROSTER: Permission.ROSTER_LOAD,
    Task.INVITE: Permission.INVITE,
}
"""What each task opens. Verifying, revealing and entering numbers are not here on purpose."""


class Clause(Enum):
    """What a contract of entrustment has to say (ガイドライン 4-2-(1); S-14), the last two desirable."""

    SECRECY = "secrecy"
    NO_CARRYING_OUT = "no_carrying_out"
    NO_OTHER_USE = "no_other_use"
    SUBCONTRACTING = "subcontracting"
    LIABILITY = "liability"
    RETURN = "return"
    SUPERVISION = "supervision"
    REPORTING = "reporting"
    NAMED_STAFF = "named_staff"
    AUDIT = "audit"


DESIRABLE = frozenset({Clause.NAMED_STAFF, Clause.AUDIT})
NEEDED = frozenset(Clause) - DESIRABLE


class ClausesMissing(Refused):
    """A clause that the guideline demands was not ticked."""

    code = "WF-Q301"
    sentence = _("委託契約に必要な条項が、そろっていません。")
    remedy = _("契約書を確かめ、必要な条項すべてに印を付けてください。無い条項は、契約に加えてから申し出ます。")


class NoTask(Refused):
    """An entrustment without a task."""

    code = "WF-Q302"
    sentence = _("委託する仕事が、一つも選ばれていません。")
    remedy = _("事務所が代わりに行う仕事を、少なくとも一つ選んでください。")


def scopes_of(*, tasks: Iterable[Task]) -> frozenset[str]:
    """The scopes with which an office acts for a client: the desk, and what the tasks open."""
    return frozenset({Permission.DESK_ENTER.value, *(TASK_PERMISSIONS[task].value for task in tasks)})


def insist_complete(*, tasks: Iterable[Task], clauses: Iterable[Clause]) -> None:
    """Raise `NoTask` or `ClausesMissing` unless an entrustment may be offered so."""
    if not set(tasks):
        raise NoTask
    if not set(clauses) >= NEEDED:
        raise ClausesMissing
