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
    is_office: bool = False
    is_operator: bool = False
    clients: int = 0
    clients_late: int = 0
    clients_due: date | None = None
    offers: int = 0
    offered: int = 0
    requests: int = 0
    papers: int = 0
    to_review: int = 0


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
    return [
        *_prepare(facts),
        *(_serve(facts) if facts.is_office else ()),
        *(_operate(facts) if facts.is_operator else ()),
        *_collect(facts),
        *_verify(facts),
        *_keep(facts, today),
    ]


def for_role(listed: Iterable[Task], role: Role) -> list[Task]:
    """The tasks of one role, the pressing ones first."""
    order = list(Urgency)
    return sorted((task for task in listed if task.role == role), key=lambda task: order.index(task.urgency))


ROLES = (
    Role.HEAD,
    Role.STAFF,
    Role.REVIEWER,
    Role.ADMINISTRATOR,
    Role.HANDLER,
    Role.RESPONSIBLE,
    Role.EMPLOYEE,
)
"""The roles of the page, in the order of the work; offices and the operator alone have the first three."""


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


def _serve(facts: Facts) -> Iterable[Task]:
    yield Task(
        key="clients",
        role=Role.HEAD,
        title=_("顧問先を加え、委託を申し出る"),
        words=_("仕事と契約の条項を選んで申し出ます。顧問先が同意すると始まり、どちらからでも1回の操作で終わります。"),
        urgency=Urgency.DONE if facts.clients else Urgency.NOW,
        screen="desk:customers.listing",
    )
    yield Task(
        key="offers",
        role=Role.HEAD,
        title=_("顧問先の同意を待つ"),
        words=_("申し出は、顧問先の責任者の画面に出ています。届いていないときは電話で伝えます。"),
        urgency=Urgency.SOON if facts.offers else Urgency.DONE,
        count=facts.offers,
        screen="desk:customers.listing",
    )
    yield Task(
        key="clients_late",
        role=Role.STAFF,
        title=_("顧問先の期限を過ぎた人に催促する"),
        words=_("顧問先の見渡しで赤い行から画面を開き、催促します。"),
        urgency=Urgency.LATE if facts.clients_late else Urgency.DONE,
        count=facts.clients_late,
        by=facts.clients_due,
        screen="desk:cockpit.page",
    )
    yield Task(
        key="requests",
        role=Role.STAFF,
        title=_("届出・お問い合わせに答える"),
        words=_("受け付けてから答えると、ほかの人と重なりません。"),
        urgency=Urgency.NOW if facts.requests else Urgency.DONE,
        count=facts.requests,
        screen="desk:inquiries.listing",
    )
    yield Task(
        key="papers",
        role=Role.STAFF,
        title=_("届いた電子取引のファイルを確かめる"),
        words=_("読み取った日付、金額、取引先を見て、正しければ保存します。"),
        urgency=Urgency.NOW if facts.papers else Urgency.DONE,
        count=facts.papers,
        screen="desk:folders.listing",
    )


def _operate(facts: Facts) -> Iterable[Task]:
    yield Task(
        key="to_review",
        role=Role.REVIEWER,
        title=_("届いた申込みを審査する"),
        words=_("古いものから受け持ち、承認するか、理由を添えて差戻します。"),
        urgency=Urgency.NOW if facts.to_review else Urgency.DONE,
        count=facts.to_review,
        screen="review:applications.listing",
    )
    yield Task(
        key="requests",
        role=Role.REVIEWER,
        title=_("届出・お問い合わせに答える"),
        words=_("受け付けてから答えると、ほかの人と重なりません。"),
        urgency=Urgency.NOW if facts.requests else Urgency.DONE,
        count=facts.requests,
        screen="desk:inquiries.operator",
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
    if facts.offered:
        yield Task(
            key="offered",
            role=Role.RESPONSIBLE,
            title=_("事務所からの委託の申し出に答える"),
            words=_("任せる仕事と契約書の条項を確かめて、同意するか断ります。同意しても、いつでも終えられます。"),
            urgency=Urgency.NOW,
            count=facts.offered,
            screen="desk:entrustments.listing",
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
