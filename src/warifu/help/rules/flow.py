"""業務の流れ: for each role what to do by when, from the organisation's own state (000-41)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from warifu.foundation.actor import Role
from warifu.foundation.refusals import translatable as _


class Urgency(Enum):
    """How pressing a task is; the order is that of the page."""

    LATE = "late"
    NOW = "now"
    SOON = "soon"
    DONE = "done"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the organisation's own rows say today."""

    has_plan: bool = False
    administrators: int = 0
    rosters_to_confirm: int = 0
    people: int = 0
    not_invited: int = 0
    waiting: int = 0
    overdue: int = 0
    bounced: int = 0
    to_verify: int = 0
    second: int = 0
    done: int = 0
    next_due: date | None = None
    certificates_ending: int = 0
    licence_ends: date | None = None
    pictures_kept: int = 0
    pictures_until: date | None = None
    to_approve: int = 0
    to_dispose: int = 0
    disposals_overdue: int = 0
    dispose_by: date | None = None


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing to do: whose, how many, by when in words, and the screen for it."""

    key: str
    role: Role
    title: str
    words: str
    urgency: Urgency
    screen: str
    count: int = 0
    by: date | None = None


_LICENCE_DAYS = 60
"""How long before its end a licence is spoken of (the letters begin then)."""


def tasks(facts: Facts, *, today: date) -> list[Task]:
    """Every task of the organisation, in the order of the work; those that are done stay, so that the way is seen."""
    return [*_prepare(facts), *_collect(facts), *_verify(facts), *_keep(facts, today)]


def for_role(listed: Iterable[Task], role: Role) -> list[Task]:
    """The tasks of one role, the pressing ones first."""
    order = list(Urgency)
    return sorted((task for task in listed if task.role == role), key=lambda task: order.index(task.urgency))


ROLES = (Role.ADMINISTRATOR, Role.HANDLER, Role.RESPONSIBLE, Role.EMPLOYEE)
"""The roles of the page, in the order of the work."""


def _prepare(facts: Facts) -> Iterable[Task]:
    yield Task(
        key="administrators",
        role=Role.ADMINISTRATOR,
        title=_("管理者を二人以上にする"),
        words=_("一人だけだと、入れなくなったときに助けられる人がいません。"),
        urgency=Urgency.DONE if facts.administrators > 1 else Urgency.NOW,
        screen="desk:members.listing",
    )
    yield Task(
        key="plan",
        role=Role.RESPONSIBLE,
        title=_("取扱いの定めを整える"),
        words=_("利用目的、責任者、事務取扱担当者を決めます。番号を集める前に済ませます。"),
        urgency=Urgency.DONE if facts.has_plan else Urgency.NOW,
        screen="desk:handling.page",
    )
    yield Task(
        key="roster",
        role=Role.ADMINISTRATOR,
        title=_("名簿を取り込む"),
        words=_("調べ終わった名簿を確かめて取り込みます。入社や扶養の変化があるときも、ここから加えます。"),
        urgency=Urgency.NOW if facts.rosters_to_confirm or not facts.people else Urgency.DONE,
        count=facts.rosters_to_confirm,
        screen="desk:rosters.listing",
    )


def _collect(facts: Facts) -> Iterable[Task]:
    yield Task(
        key="invite",
        role=Role.ADMINISTRATOR,
        title=_("依頼のメールを送る"),
        words=_("相手と文面を確かめてから送ります。期限は、名簿に加えた日から数えます。"),
        urgency=Urgency.NOW if facts.not_invited else Urgency.DONE if facts.people else Urgency.SOON,
        count=facts.not_invited,
        screen="desk:invitations.page",
    )
    yield Task(
        key="bounced",
        role=Role.ADMINISTRATOR,
        title=_("戻ったメールの宛先を直す"),
        words=_("宛先を直すと、すぐに送り直します。メールのない人は、紙か窓口で集めます。"),
        urgency=Urgency.NOW if facts.bounced else Urgency.DONE,
        count=facts.bounced,
        screen="desk:people.listing",
    )
    yield Task(
        key="submit",
        role=Role.EMPLOYEE,
        title=_("番号と書類を出す"),
        words=_("案内のメールのリンクから、スマートフォンで5分ほどです。"),
        urgency=Urgency.SOON if facts.waiting else Urgency.DONE,
        count=facts.waiting,
        by=facts.next_due if facts.waiting else None,
        screen="mypage:home.page",
    )
    yield Task(
        key="overdue",
        role=Role.ADMINISTRATOR,
        title=_("期限を過ぎた人に催促する"),
        words=_("理由と次の一手が並んでいます。一人ずつでも、まとめてでも催促できます。"),
        urgency=Urgency.LATE if facts.overdue else Urgency.DONE,
        count=facts.overdue,
        screen="desk:people.listing",
    )


def _verify(facts: Facts) -> Iterable[Task]:
    yield Task(
        key="verify",
        role=Role.HANDLER,
        title=_("本人確認をする"),
        words=_("写真と番号を見比べます。できるだけ届いたその週に済ませます。"),
        urgency=Urgency.NOW if facts.to_verify else Urgency.DONE,
        count=facts.to_verify,
        screen="desk:verification.queue",
    )
    yield Task(
        key="second",
        role=Role.RESPONSIBLE,
        title=_("二人目として見届ける"),
        words=_("一人目とは別の人が確かめます。"),
        urgency=Urgency.NOW if facts.second else Urgency.DONE,
        count=facts.second,
        screen="desk:people.listing",
    )


def _keep(facts: Facts, today: date) -> Iterable[Task]:
    yield Task(
        key="pictures",
        role=Role.HANDLER,
        title=_("確認のすんだ写真を消す"),
        words=_("決めた日数が過ぎた写真は、夜のうちに自動で消えます。見直すことがあれば、その前に済ませます。"),
        urgency=Urgency.SOON if facts.pictures_kept else Urgency.DONE,
        count=facts.pictures_kept,
        by=facts.pictures_until,
        screen="desk:settings.page",
    )
    yield Task(
        key="approve_disposals",
        role=Role.HANDLER,
        title=_("保存期限を過ぎた番号の廃棄を承認する"),
        words=_("候補は夜のうちに並びます。保存が続くものは、理由を書いて延ばします。"),
        urgency=_disposal(facts, facts.to_approve),
        count=facts.to_approve,
        by=facts.dispose_by if facts.to_approve else None,
        screen="desk:disposals.listing",
    )
    yield Task(
        key="confirm_disposals",
        role=Role.RESPONSIBLE,
        title=_("廃棄を確認して実行する"),
        words=_("承認した人とは別の責任者が確かめます。証明書が残ります。"),
        urgency=_disposal(facts, facts.to_dispose),
        count=facts.to_dispose,
        by=facts.dispose_by if facts.to_dispose else None,
        screen="desk:disposals.listing",
    )
    yield Task(
        key="certificates",
        role=Role.ADMINISTRATOR,
        title=_("期限の近い電子証明書を更新してもらう"),
        words=_("本人にもメールで知らせています。切れると、その端末から入れなくなります。"),
        urgency=Urgency.SOON if facts.certificates_ending else Urgency.DONE,
        count=facts.certificates_ending,
        screen="desk:certificates.listing",
    )
    if facts.licence_ends is not None:
        days = (facts.licence_ends - today).days
        yield Task(
            key="licence",
            role=Role.ADMINISTRATOR,
            title=_("ライセンスを更新する"),
            words=_("新しい登録カードを登録すると、続けて使えます。"),
            urgency=Urgency.LATE if days < 0 else Urgency.SOON if days <= _LICENCE_DAYS else Urgency.DONE,
            by=facts.licence_ends,
            screen="desk:licences.page",
        )


def _disposal(facts: Facts, count: int) -> Urgency:
    if not count:
        return Urgency.DONE
    return Urgency.LATE if facts.disposals_overdue else Urgency.NOW
