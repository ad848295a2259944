"""The demo's organisation, acted out through the same verbs that people use, with moments of the past days.

Nothing is written past the rooms: what the demo shows, the product did.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any
from uuid import UUID

import pyotp
from django.conf import settings

from warifu.cli.rehearsal import applying, selling, serving
from warifu.cli.rehearsal.people import NEEDED_NO_MORE, PEOPLE, Persona, Relative
from warifu.collection.actions import (
    dependents,
    documents,
    drafts,
    invitations,
    policies,
    purpose_notices,
    rosters,
    submissions,
    verification,
)
from warifu.collection.queries import people as people_queries
from warifu.collection.queries import purpose_notices as notice_queries
from warifu.collection.queries import submissions as submission_queries
from warifu.collection.queries import verification as verification_queries
from warifu.collection.rules.checklist import Kind
from warifu.credentials.actions import activation, authenticators, authorities
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, Role
from warifu.foundation.days import jst_day
from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _
from warifu.notices import actions as notices
from warifu.notices import queries as letters
from warifu.organisations import actions as organisations
from warifu.organisations import queries as members
from warifu.vault.actions import keepings
from warifu.vault.rules import MyNumber

PASSWORD = "aonori to shirasu no asagohan"  # noqa: S105 - the demo's own, printed at its start
PICTURES = Path(__file__).parent / "pictures"
PURPOSES = [
    Purpose.WITHHOLDING_SLIP,
    Purpose.DEPENDENTS_DECLARATION,
    Purpose.HEALTH_PENSION,
    Purpose.THIRD_CATEGORY,
    Purpose.EMPLOYMENT_INSURANCE,
]


class HalfActed(Refused):
    """An earlier start was broken off while the demo's data were being made."""

    code = "WF-X601"
    sentence = _("練習用データが途中までしかできていません。")
    remedy = _("`make demo-reset` で消してから、もう一度 `make demo` を実行してください。")


@dataclass(frozen=True, kw_only=True)
class Login:
    """One demo login, for the block that `warifu demo` prints."""

    who: str
    organisation_code: str
    user: str
    password: str


LOGINS = (
    Login(who="管理者 青木 葵", organisation_code="aoba", user="aoki@aoba.example", password=PASSWORD),
    Login(who="事務取扱担当者 高橋 美咲", organisation_code="aoba", user="takahashi@aoba.example", password=PASSWORD),
    Login(who="責任者 小林 誠", organisation_code="aoba", user="kobayashi@aoba.example", password=PASSWORD),
    Login(
        who="審査担当者 加藤 瞳（申込みの審査）", organisation_code="unei", user="kato@unei.example", password=PASSWORD
    ),
    Login(who="所長 岡田 篤（会計事務所）", organisation_code="okada", user="okada@okada.example", password=PASSWORD),
    Login(
        who="職員 三好 沙織（会計事務所）", organisation_code="okada", user="miyoshi@okada.example", password=PASSWORD
    ),
    Login(
        who="顧客 青木 葵（事務所の顧客）", organisation_code="okada", user="aoki@kokyaku.example", password=PASSWORD
    ),
    Login(who="従業員 林 さくら（提出の途中）", organisation_code="aoba", user="0460@aoba.example", password=PASSWORD),
    Login(who="従業員 佐藤 健一（提出ずみ）", organisation_code="aoba", user="0391@aoba.example", password=PASSWORD),
)


@dataclass(frozen=True, kw_only=True)
class _Office:
    organisation_id: UUID
    administrator: UUID
    office: tuple[UUID, ...]
    """Everybody who signs in at the desk, in the order of their making."""

    @property
    def handler(self) -> UUID:
        """The second one at Aoba."""
        return self.office[1]

    @property
    def responsible(self) -> UUID:
        """The third one at Aoba."""
        return self.office[2]

    def actor(self, member_id: UUID, at: datetime) -> Actor:
        """The actor that a member of the office is, signed in a moment ago."""
        found = members.member(organisation_id=self.organisation_id, member_id=member_id)
        return members.actor_of(member=found, level=2, authenticated_at=at)


def seed(*, at: datetime, progress: Callable[[str], None] = lambda _line: None) -> None:
    """Act the demo out on an empty installation; `progress` hears one line for each part.

    Does nothing when everything is already there, so that the demo keeps its data between runs. Raises `HalfActed`
    when an earlier start was broken off in the middle.
    """
    if members.organisation_by_code(code="ueda") is not None:
        return
    if members.organisation_by_code(code="aoba") is not None:
        raise HalfActed
    opened = at - timedelta(days=10)
    progress("組織と担当者を作っています")
    authorities.init(name="割符 練習用の認証局", by=OPERATOR, at=opened)
    office = _open_office(opened)
    operator = _open_operator(opened)
    accountants = serving.open_office(opened)
    served = _Office(
        organisation_id=accountants.id, administrator=accountants.head, office=(accountants.head, accountants.staff)
    )
    for member_id in served.office:
        _activate(served, member_id, opened)
    _fill_phone([office, operator, served], opened)
    applying.act(applicant=office.actor(office.administrator, opened), at=opened)
    for days, group in groupby(sorted(PEOPLE, key=attrgetter("days"), reverse=True), key=attrgetter("days")):
        chosen = list(group)
        progress(f"{days}日前に名簿へ載せた{len(chosen)}人の話を進めています")
        _load_roster(office, chosen, at - timedelta(days=days, hours=1))
        asked = [persona for persona in chosen if persona.story != "listed"]
        if asked:
            _play(office, asked, at - timedelta(days=days))
    progress("きょうの見回りをしています")
    invitations.note_bounces(at=at)
    invitations.daily(at=at)
    while documents.prepare_due(at=at):
        pass
    administrator = office.actor(office.administrator, at)
    customer = serving.act(office=accountants, client_id=office.organisation_id, client=administrator, at=at)
    _activate(served, customer, at)
    selling.act(seller=operator.actor(operator.office[1], at), at=at)
    _open_neighbour(opened)


def _open_operator(at: datetime) -> _Office:
    """The organisation of those who run the service and review applications."""
    organisation_id = organisations.create(code="unei", name="利用申込センター", is_operator=True, by=OPERATOR, at=at)
    ids = tuple(
        organisations.add_member(
            organisation_id=organisation_id,
            roles=roles,
            family_name=family,
            given_name=given,
            mail=f"{name}@unei.example",
            by=SYSTEM,
            at=at,
        )
        for roles, family, given, name in (
            (Role.ADMINISTRATOR, "大野", "薫", "ono"),
            (Role.REVIEWER, "加藤", "瞳", "kato"),
        )
    )
    operator = _Office(organisation_id=organisation_id, administrator=ids[0], office=ids)
    for member_id in ids:
        _activate(operator, member_id, at)
    return operator


def _open_neighbour(at: datetime) -> None:
    """Another organisation, which must see nothing of the first; made last, so that it marks a finished seed."""
    other = organisations.create(code="ueda", name="上田物産株式会社", by=OPERATOR, at=at)
    organisations.add_member(
        organisation_id=other,
        roles=Role.ADMINISTRATOR,
        family_name="上野",
        given_name="海",
        mail="ueno@ueda.example",
        by=SYSTEM,
        at=at,
    )


def _open_office(at: datetime) -> _Office:
    organisation_id = organisations.create(
        code="aoba", name="株式会社 青葉商会", contact="人事課 内線 210", by=OPERATOR, at=at
    )
    rows = (
        (Role.ADMINISTRATOR, "青木", "葵", "アオキ", "アオイ", "aoki"),
        (Role.HANDLER, "高橋", "美咲", "タカハシ", "ミサキ", "takahashi"),
        (Role.RESPONSIBLE, "小林", "誠", "コバヤシ", "マコト", "kobayashi"),
        (Role.RECEIVER, "中島", "亮", "ナカジマ", "リョウ", "nakajima"),
    )
    ids = [
        organisations.add_member(
            organisation_id=organisation_id,
            roles=role,
            family_name=family,
            given_name=given,
            family_kana=family_kana,
            given_kana=given_kana,
            mail=f"{name}@aoba.example",
            department="人事課",
            by=SYSTEM,
            at=at,
        )
        for role, family, given, family_kana, given_kana, name in rows
    ]
    office = _Office(organisation_id=organisation_id, administrator=ids[0], office=tuple(ids))
    for member_id in ids:
        _activate(office, member_id, at)
    administrator = office.actor(office.administrator, at)
    organisations.write_plan(
        organisation_id=organisation_id,
        purposes=PURPOSES,
        files="従業員等の特定個人情報ファイル",
        area="人事課の執務室（本社2階）",
        report_route="気づいた人 → 責任者 小林 → 代表取締役 → 個人情報保護委員会",
        responsible_id=office.responsible,
        by=administrator,
        at=at,
    )
    for member_id in (office.handler, office.responsible):
        organisations.appoint(
            organisation_id=organisation_id,
            member_id=member_id,
            purposes=PURPOSES,
            range_text="全従業員と扶養親族等",
            by=administrator,
            at=at,
        )
    organisations.complete_plan(organisation_id=organisation_id, by=administrator, at=at)
    purpose_notices.publish(organisation_id=organisation_id, by=administrator, at=at)
    policies.ensure(organisation_id=organisation_id)
    return office


def _activate(office: _Office, member_id: UUID, at: datetime) -> None:
    link = activation.issue(
        organisation_id=office.organisation_id, member_id=member_id, purpose="first", by=SYSTEM, at=at
    )
    token = activation.address_of(reference=link.reference).rstrip("/").rpartition("/")[2]
    activation.use(token=token, password=PASSWORD, at=at, browser="", address="")


def _fill_phone(offices: list[_Office], at: datetime) -> None:
    """Give each an authenticator app; what it would hold lies in the practice phone, which only a demo shows."""
    apps = []
    for office, member_id in ((one, member_id) for one in offices for member_id in one.office):
        by = office.actor(member_id, at)
        app = authenticators.start(organisation_id=office.organisation_id, name="練習用の電話", by=by, at=at)
        code = pyotp.TOTP(app.secret).at(at)
        authenticators.confirm(organisation_id=office.organisation_id, code=code, by=by, at=at)
        member = members.member(organisation_id=office.organisation_id, member_id=member_id)
        apps.append({"name": member.full_name, "user": member.mail, "secret": app.secret})
    file = settings.WARIFU.practice_phone_file
    file.touch(mode=0o600)
    file.write_text(json.dumps(apps, ensure_ascii=False), encoding="utf-8")


def _load_roster(office: _Office, personas: list[Persona], at: datetime) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["社員番号", "姓", "名", "セイ", "メイ", "生年月日", "所属", "メールアドレス"])
    for one in personas:
        writer.writerow(
            [
                one.code,
                one.family_name,
                one.given_name,
                one.family_kana,
                one.given_kana,
                one.born_on.isoformat(),
                one.department,
                one.mail,
            ]
        )
    by = office.actor(office.administrator, at)
    roster_id = rosters.receive(
        organisation_id=office.organisation_id,
        file_name=f"名簿_{jst_day(at):%Y%m%d}.csv",
        content=text.getvalue().encode("utf-8-sig"),
        by=by,
        at=at,
    )
    rosters.work_due(at=at)
    rosters.load(organisation_id=office.organisation_id, roster_id=roster_id, by=by, at=at)
    rosters.work_due(at=at)


def _play(office: _Office, personas: list[Persona], at: datetime) -> None:
    by = office.actor(office.administrator, at)
    ids = {}
    for one in personas:
        member = members.member_by_employee_code(organisation_id=office.organisation_id, employee_code=one.code)
        if member is None:
            raise RuntimeError(f"{one.code} was not loaded")
        ids[one.code] = member.id
    entries = {
        code: people_queries.entry_of_member(
            organisation_id=office.organisation_id, member_id=member_id, today=jst_day(at)
        ).entry_id
        for code, member_id in ids.items()
    }
    invitations.send(organisation_id=office.organisation_id, entry_ids=list(entries.values()), by=by, at=at)
    while notices.deliver_due(at=at):
        pass
    for one in personas:
        _Story(office, one, ids[one.code], entries[one.code], at).run()
        if one.code == NEEDED_NO_MORE:
            _end_need(office, ids[one.code], at + timedelta(days=2))


def _end_need(office: _Office, member_id: UUID, at: datetime) -> None:
    """Somebody whose number has been needed no more for three years: some papers wait for disposal, others are kept."""
    keepings.end_need(
        organisation_id=office.organisation_id,
        subject_ids=[member_id],
        ended_on=jst_day(at) - timedelta(days=3 * 366),
        by=office.actor(office.handler, at),
        at=at,
    )
    keepings.propose_due(at=at)


class _Story:
    """One employee's story, step by step, up to where the persona says it stands."""

    def __init__(self, office: _Office, persona: Persona, member_id: UUID, entry_id: UUID, at: datetime) -> None:
        self.office, self.persona, self.member_id, self.entry_id, self.at = office, persona, member_id, entry_id, at
        self.organisation_id = office.organisation_id

    def run(self) -> None:
        """Play the steps that belong to the story."""
        story = self.persona.story
        if story == "bounced":
            self._bounce()
        if story in {"opened", "started", "submitted", "checked", "verified", "sent_back", "not_provided"}:
            self._enter()
        if story == "not_provided":
            submissions.not_provided(
                organisation_id=self.organisation_id, member_id=self.member_id, by=self.me, at=self.later(1)
            )
        if story in {"started", "submitted", "checked", "verified", "sent_back"}:
            self._fill_in()
        if story in {"submitted", "checked", "verified", "sent_back"}:
            self._hand_in()
        if story in {"checked", "verified"}:
            self._check(self.office.handler, self.later(20))
        if story == "verified":
            self._check(self.office.responsible, self.later(22))
        if story == "sent_back":
            self._send_back()

    @property
    def me(self) -> Actor:
        """The employee, signed in just now."""
        return self.office.actor(self.member_id, self.later(1))

    def later(self, hours: int) -> datetime:
        """A moment some hours after the invitation."""
        return self.at + timedelta(hours=hours)

    def _bounce(self) -> None:
        letter = letters.letters_of(organisation_id=self.organisation_id, member_id=self.member_id)[0]
        notices.record_bounce(message_id=letter.message_id, reason="宛先がありません", at=self.later(1))
        invitations.note_bounces(at=self.later(2))

    def _enter(self) -> None:
        invitations.note_opened(organisation_id=self.organisation_id, member_id=self.member_id, at=self.later(1))
        _activate(self.office, self.member_id, self.later(1))

    def _fill_in(self) -> None:
        submission_id, at, me, one = self._start(), self.later(1), self.me, self.persona
        person = {
            "family_name": one.family_name,
            "given_name": one.given_name,
            "family_kana": one.family_kana,
            "given_kana": one.given_kana,
            "postal_code": "1000001",
            "prefecture": "東京都",
            "city": "千代田区",
            "street": "千代田1-1",
        }
        common: dict[str, Any] = {
            "organisation_id": self.organisation_id,
            "submission_id": submission_id,
            "by": me,
            "at": at,
        }
        drafts.save_person(fields=person, born_on=one.born_on, **common)
        drafts.save_number(number=_practice(one.number), **common)
        for relative in one.relatives:
            self._add(relative, submission_id)
        drafts.answer_family(**common)

    def _start(self) -> UUID:
        submission_id = submissions.start(
            organisation_id=self.organisation_id, member_id=self.member_id, by=self.me, at=self.later(1)
        )
        notice = notice_queries.current(organisation_id=self.organisation_id)
        if notice is None:
            raise RuntimeError("no purpose notice")
        purpose_notices.note_shown(
            organisation_id=self.organisation_id,
            member_id=self.member_id,
            version=notice.version,
            by=self.me,
            at=self.later(1),
        )
        return submission_id

    def _add(self, relative: Relative, submission_id: UUID) -> None:
        dependents.add(
            organisation_id=self.organisation_id,
            submission_id=submission_id,
            fields={
                "relation": relative.relation,
                "family_name": relative.family_name,
                "given_name": relative.given_name,
                "family_kana": relative.family_kana,
                "given_kana": relative.given_kana,
                "spouse_path": "agent" if relative.is_third_category else "",
            },
            born_on=relative.born_on,
            is_third_category=relative.is_third_category,
            is_checked=True,
            number=_practice(relative.number),
            by=self.me,
            at=self.later(1),
        )

    def _hand_in(self) -> None:
        at, me = self.later(2), self.me
        submission_id = submissions.start(organisation_id=self.organisation_id, member_id=self.member_id, by=me, at=at)
        common: dict[str, Any] = {
            "organisation_id": self.organisation_id,
            "submission_id": submission_id,
            "by": me,
            "at": at,
        }
        drafts.choose_papers(
            method="number_card", number_paper="number_card", identity_papers=(), one_file=False, **common
        )
        draft = submission_queries.draft(
            organisation_id=self.organisation_id, submission_id=submission_id, on=jst_day(at)
        )
        for place in draft.slots:
            if place.slot.required:
                documents.receive(
                    entry_member_id=self.member_id,
                    slot=place.slot.slot,
                    dependent_id=place.dependent_id,
                    content=self._picture(place.slot.paper, place.slot.side),
                    is_masked=place.slot.masking is not None,
                    **common,
                )
        submissions.submit(**common)
        while documents.prepare_due(at=at):
            pass

    def _picture(self, paper: str, side: str) -> bytes:
        name = {"mandate": "proxy", "spouse_number": "spouse"}.get(paper, side)
        return (PICTURES / f"{self.persona.code}-{name}.jpg").read_bytes()

    def _check(self, member_id: UUID, at: datetime) -> None:
        by = self.office.actor(member_id, at)
        page = verification_queries.page(
            organisation_id=self.organisation_id, entry_id=self.entry_id, member_id=member_id, roles=by.roles
        )
        for sheet in page.sheets:
            for picture in sheet.pictures:
                verification.look(
                    organisation_id=self.organisation_id,
                    submission_id=page.submission_id,
                    document_id=picture.id,
                    by=by,
                    at=at,
                )
        answers = {
            item.code: "yes" if item.kind is Kind.TICK else date(2031, 4, 2).isoformat()
            for sheet in page.sheets
            for group in sheet.groups
            for item in group.items
        }
        verification.confirm(
            organisation_id=self.organisation_id,
            submission_id=page.submission_id,
            checklist=answers,
            confirmed_on=jst_day(at),
            by=by,
            at=at,
        )

    def _send_back(self) -> None:
        at = self.later(26)
        by = self.office.actor(self.office.handler, at)
        page = verification_queries.page(
            organisation_id=self.organisation_id,
            entry_id=self.entry_id,
            member_id=self.office.handler,
            roles=by.roles,
        )
        verification.send_back(
            organisation_id=self.organisation_id,
            submission_id=page.submission_id,
            reasons=["glare"],
            words="カードの表の右上が光って読めませんでした。撮り直しをお願いします。",
            by=by,
            at=at,
        )


def _practice(digits: str) -> MyNumber:
    return MyNumber.parse(digits, accepts_test=True)
