"""Customers on screen: the record edited in place, the office at a client's desk, the cockpit, requests."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import SignIn
from tests.rooms.collection import submitted
from tests.rooms.credentials.office import Office, member_id
from tests.rooms.credentials.office import office as office  # noqa: PLC0414
from tests.rooms.customers import clients
from warifu.audit import queries as trail
from warifu.customers.actions import entrustments, persons
from warifu.customers.queries import customers as queries
from warifu.customers.queries import inquiries
from warifu.customers.rules.entrusting import Task
from warifu.customers.rules.records import Menu
from warifu.folders.actions import folders


def at(name: str, **parts: Any) -> str:
    return reverse(name, kwargs=parts)


class TestRecord:
    @pytest.mark.shows("003-10")
    def test_empty_rows_are_hidden_and_shown_again(self, office: Office, sign_in: SignIn) -> None:
        served = clients.serve(office)
        page = at("desk:customers.page", customer_id=served.customer_id)
        browser = sign_in(office.staff)
        hidden, whole = (browser.get(page + query).content.decode() for query in ("", "?rows=all"))
        assert "決算月" not in hidden
        assert "空の欄を見せる" in hidden
        assert "決算月" in whole

    @pytest.mark.shows("003-10")
    def test_a_field_is_changed_in_place_and_a_wrong_one_keeps_what_was_typed(
        self, office: Office, sign_in: SignIn
    ) -> None:
        served = clients.serve(office)
        change = at("desk:customers.change", customer_id=served.customer_id)
        browser = sign_in(office.staff)
        refused = browser.post(change, {"field": "mail", "text": "keiri<b>"})
        assert refused.status_code == 422
        assert 'value="keiri&lt;b&gt;"' in refused.content.decode()
        assert "形が正しくありません" in refused.content.decode()
        done = browser.post(change, {"field": "mail", "text": "keiri@aoba.example"}, follow=True)
        assert "変更履歴に残っています" in done.content.decode()
        view = queries.customer(office_id=office.id, customer_id=served.customer_id)
        assert view.values["mail"] == "keiri@aoba.example"

    def test_an_unknown_field_changes_nothing(self, office: Office, sign_in: SignIn) -> None:
        served = clients.serve(office)
        before = queries.customer(office_id=office.id, customer_id=served.customer_id)
        sign_in(office.staff).post(
            at("desk:customers.change", customer_id=served.customer_id), {"field": "office_id", "text": "x"}
        )
        assert queries.customer(office_id=office.id, customer_id=served.customer_id) == before

    def test_list_and_history_are_written_out_safely(self, office: Office, sign_in: SignIn) -> None:
        served = clients.serve(office, name="=1+1 商会")
        browser = sign_in(office.head)
        files = [
            browser.get(at("desk:customers.export")),
            browser.get(at("desk:customers.history_export", customer_id=served.customer_id)),
        ]
        for answer in files:
            assert '"\'=1+1 商会"' in b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]

    def test_the_list_costs_the_same_however_long_it_is(
        self, office: Office, sign_in: SignIn, django_assert_num_queries: Any
    ) -> None:
        for number in range(12):
            clients.serve(office, name=f"会社{number}", code=f"C-{number}")
        browser = sign_in(office.staff)
        browser.get(at("desk:customers.listing"))
        with django_assert_num_queries(5):
            assert browser.get(at("desk:customers.listing")).content.decode().count('class="person-name"') == 12


class TestActing:
    @pytest.fixture
    def running(self, office: Office, cast: Cast) -> UUID:
        return clients.entrusted(office, cast, Task.PROGRESS, Task.INVITE)[1]

    @pytest.mark.shows("S-14", "P-07")
    def test_an_office_works_at_the_clients_desk_within_its_tasks_only(
        self, office: Office, cast: Cast, sign_in: SignIn, running: UUID
    ) -> None:
        case = submitted.waiting(cast)
        browser = sign_in(office.staff)
        assert browser.get(at("desk:people.listing")).status_code == 403  # at its own desk it has no such work
        home = browser.post(at("desk:entrustments.act", entrustment_id=running), follow=True).content.decode()
        assert "株式会社青葉商会の画面です" in home
        assert browser.get(at("desk:people.listing")).status_code == 200
        refused = [
            at("desk:verification.queue"),
            at("desk:verification.page", entry_id=case.entry_id),
            at("desk:members.listing"),
            at("desk:rosters.listing"),
            at("desk:trail.page"),
            at("desk:settings.page"),
            at("desk:customers.listing"),
            at("desk:entrustments.listing"),
        ]
        assert {address: browser.get(address).status_code for address in refused} == dict.fromkeys(refused, 403)
        events = trail.timeline(organisation_id=cast.aoba, limit=50)
        assert any(line.event == "customers.acting.begun" and "小西" in line.actor for line in events)

    @pytest.mark.shows("S-14")
    def test_the_clients_switch_acts_at_the_next_request(
        self, office: Office, cast: Cast, sign_in: SignIn, running: UUID
    ) -> None:
        browser = sign_in(office.staff)
        browser.post(at("desk:entrustments.act", entrustment_id=running))
        assert browser.get(at("desk:people.listing")).status_code == 200
        sign_in(cast.aoki).post(at("desk:entrustments.end", entrustment_id=running))
        assert browser.get(at("desk:people.listing")).status_code == 403
        assert "岡田会計事務所" in browser.get(at("desk:home.page")).content.decode()

    def test_the_office_goes_back_to_its_own_desk(self, office: Office, sign_in: SignIn, running: UUID) -> None:
        browser = sign_in(office.staff)
        browser.post(at("desk:entrustments.act", entrustment_id=running))
        browser.post(at("desk:entrustments.stop"))
        assert browser.get(at("desk:customers.listing")).status_code == 200

    def test_another_offices_entrustment_does_not_open(
        self, office: Office, cast: Cast, sign_in: SignIn, running: UUID
    ) -> None:
        apps.get_model("organisations.Organisation").objects.filter(id=cast.ueda).update(is_office=True)
        apps.get_model("organisations.Member").objects.filter(id=cast.ueno.id).update(roles=32)
        browser = sign_in(cast.ueno)
        assert browser.post(at("desk:entrustments.act", entrustment_id=running)).status_code == 404
        session = apps.get_model("credentials.Session").objects.latest("id")
        session.acting_by = running  # even a session that says so stays at its own desk
        session.save()
        assert browser.get(at("desk:people.listing")).status_code == 403

    def test_the_clients_side_agrees_on_screen(self, office: Office, cast: Cast, sign_in: SignIn) -> None:
        served = clients.serve(office)
        offered = clients.offer(office, served.customer_id)
        browser = sign_in(cast.aoki)
        shown = browser.get(at("desk:entrustments.listing")).content.decode()
        assert "岡田会計事務所" in shown
        assert "秘密を守る義務" in shown
        browser.post(at("desk:entrustments.agree", entrustment_id=offered))
        assert "続いています" in browser.get(at("desk:entrustments.listing")).content.decode()


class TestCockpit:
    def test_all_clients_stand_in_one_list_with_what_may_be_seen(
        self, office: Office, cast: Cast, sign_in: SignIn
    ) -> None:
        clients.entrusted(office, cast, Task.PROGRESS)
        other = clients.serve(office, name="上田物産", code="B-01")
        offered = clients.offer(office, other.customer_id, Task.ROSTER, code="ueda")
        browser = sign_in(office.staff)
        assert "上田物産" not in browser.get(at("desk:cockpit.page")).content.decode()  # not agreed yet
        apps.get_model("customers.Entrustment").objects.filter(id=offered).update(state="agreed")
        submitted.waiting(cast)
        shown = browser.get(at("desk:cockpit.page")).content.decode()
        assert "任されていません" in shown  # of Ueda, only the roster was entrusted
        file = b"".join(browser.get(at("desk:cockpit.export")).streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        aoba = next(line for line in file.splitlines() if "青葉" in line)
        assert aoba.split(",")[4] == '"1"'  # one person waits to be verified

    def test_the_customers_folder_shows_its_meter_and_is_counted_by_month(
        self, office: Office, cast: Cast, sign_in: SignIn
    ) -> None:
        served, _entrustment = clients.entrusted(office, cast)
        wish = folders.Wish(customer_name="株式会社青葉商会", customer_id=served.customer_id)
        folder_id = folders.open_one(organisation_id=office.id, wish=wish, by=office.head, at=timezone.now())
        rows = apps.get_model("folders.Folder").objects.filter(id=folder_id)
        rows.update(used=rows.get().capacity // 4)
        browser = sign_in(office.head)
        assert "25%" in browser.get(at("desk:cockpit.page")).content.decode()
        months = browser.get(at("desk:ids.months")).context["lines"]
        assert months[0][2] == 1  # this month
        rows.update(created_at=timezone.now() - timedelta(days=400), ended_at=timezone.now() - timedelta(days=395))
        assert browser.get(at("desk:ids.months")).context["lines"][0][2] == 0

    def test_the_list_costs_the_same_for_many_clients(
        self, office: Office, sign_in: SignIn, django_assert_max_num_queries: Any
    ) -> None:
        organisations = apps.get_model("organisations.Organisation")
        for number in range(8):
            client = organisations.objects.create(code=f"k{number}", name=f"客{number}", created_at=timezone.now())
            served = clients.serve(office, name=f"客{number}", code=f"K-{number}")
            offered = clients.offer(office, served.customer_id, code=client.code)
            apps.get_model("customers.Entrustment").objects.filter(id=offered).update(state="agreed")
        browser = sign_in(office.staff)
        with django_assert_max_num_queries(9):
            assert browser.get(at("desk:cockpit.page")).content.decode().count('class="person-name"') == 8


class TestPersons:
    @pytest.mark.shows("003-11")
    def test_a_person_is_added_becomes_a_user_and_is_led_to_the_issuing_of_ids(
        self, office: Office, sign_in: SignIn
    ) -> None:
        served = clients.serve(office)
        browser = sign_in(office.head)
        where = {"customer_id": served.customer_id, "person_id": served.person_id}
        done = browser.post(at("desk:customer_persons.make_member", **where), follow=True).content.decode()
        assert at("desk:ids.issue") in done
        again = browser.post(at("desk:customer_persons.make_member", **where), follow=True).content.decode()
        assert "すでに結び付いています" in again

    def test_menus_are_decided_per_id(self, office: Office, sign_in: SignIn) -> None:
        served = clients.serve(office)
        browser = sign_in(office.staff)
        where = {"customer_id": served.customer_id, "person_id": served.person_id}
        browser.post(at("desk:customer_persons.menus", **where), {"menus": ["inquiries"]})
        view = queries.customer(office_id=office.id, customer_id=served.customer_id)
        assert view.persons[0].menus == (Menu.INQUIRIES,)


class TestCustomersOwnScreens:
    @pytest.fixture
    def two(self, office: Office) -> tuple[clients.Served, clients.Served]:
        found = clients.serve(office), clients.serve(office, name="青葉不動産", code="A-02")
        for served in found:
            persons.tie(
                office_id=office.id,
                person_id=served.person_id,
                member_id=member_id(office.customer),
                by=office.staff,
                at=timezone.now(),
            )
        return found

    def test_one_sign_in_switches_between_customers(
        self, office: Office, sign_in: SignIn, two: tuple[clients.Served, clients.Served]
    ) -> None:
        browser = sign_in(office.customer)
        both = browser.get(at("mypage:customers.listing")).content.decode()
        assert "株式会社青葉商会" in both
        assert "青葉不動産" in both
        first = browser.get(at("mypage:customers.page", customer_id=two[0].customer_id)).content.decode()
        assert at("mypage:customers.page", customer_id=two[1].customer_id) in first

    def test_the_menus_decide_what_is_there_and_the_notes_stay_with_the_office(
        self, office: Office, sign_in: SignIn, two: tuple[clients.Served, clients.Served]
    ) -> None:
        apps.get_model("customers.Customer").objects.update(note="事務所だけのメモ")
        browser = sign_in(office.customer)
        page = at("mypage:customers.page", customer_id=two[0].customer_id)
        shown = browser.get(page).content.decode()
        assert "A-01" not in shown
        assert "事務所だけのメモ" not in shown
        persons.set_menus(office_id=office.id, person_id=two[0].person_id, menus=[], by=office.staff, at=timezone.now())
        assert "届出・お問い合わせ" not in browser.get(page).content.decode()
        ask = browser.get(at("mypage:customers.inquiry", customer_id=two[0].customer_id))
        assert ask.status_code == 404

    @pytest.mark.shows("003-15")
    def test_a_request_gets_a_number_and_its_answer_is_shown(
        self, office: Office, sign_in: SignIn, two: tuple[clients.Served, clients.Served]
    ) -> None:
        customer, staff = sign_in(office.customer), sign_in(office.staff)
        form = at("mypage:customers.inquiry", customer_id=two[0].customer_id)
        sent = customer.post(form, {"kind": "question", "words": "いつ来ますか"}, follow=True).content.decode()
        (own,) = inquiries.own(member_id=member_id(office.customer))
        assert own.number in sent
        staff.post(at("desk:inquiries.take", inquiry_id=own.id))
        answer = {"verdict": "accept", "answer": "月曜に伺います"}
        staff.post(at("desk:inquiries.page", inquiry_id=own.id), answer)
        assert "月曜に伺います" in customer.get(form).content.decode()

    def test_another_persons_customer_is_not_found(
        self, office: Office, cast: Cast, sign_in: SignIn, two: tuple[clients.Served, clients.Served]
    ) -> None:
        page = at("mypage:customers.page", customer_id=two[0].customer_id)
        assert sign_in(cast.inoue).get(page).status_code == 404
        assert sign_in(office.staff).get(page).status_code == 404


def test_an_offer_is_made_on_screen_with_what_is_lacking_said(office: Office, cast: Cast, sign_in: SignIn) -> None:
    served = clients.serve(office)
    browser = sign_in(office.head)
    offer = at("desk:entrustments.offer", customer_id=served.customer_id)
    refused = browser.post(offer, {"code": "aoba", "tasks": ["progress"], "clauses": ["secrecy"]}, follow=True)
    assert "条項が、そろっていません" in refused.content.decode()
    everything = {"code": "aoba", "tasks": ["progress"], "clauses": [clause.value for clause in clients.NEEDED]}
    assert "申し出ました" in browser.post(offer, everything, follow=True).content.decode()
    (running,) = apps.get_model("customers.Entrustment").objects.all()
    entrustments.agree(client_id=cast.aoba, entrustment_id=running.id, by=cast.aoki, at=timezone.now())
    assert "続いています" in browser.get(at("desk:customers.page", customer_id=served.customer_id)).content.decode()


@pytest.mark.shows("S-14")
def test_the_supervision_report_names_what_the_offices_staff_did(
    office: Office, cast: Cast, sign_in: SignIn, tmp_path: Path
) -> None:
    _served, running = clients.entrusted(office, cast)
    sign_in(office.staff).post(at("desk:entrustments.act", entrustment_id=running))
    year = timezone.now().year
    paper = sign_in(cast.aoki).get(at("desk:entrustments.report", entrustment_id=running, year=year))
    (tmp_path / "report.pdf").write_bytes(paper.content)
    text = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "report.pdf", "-"], capture_output=True, check=True
    ).stdout.decode()
    assert "岡田会計事務所" in text
    assert "代わりの仕事を始めました" in text
    assert "小西" in text
    assert (
        sign_in(office.head).get(at("desk:entrustments.office_report", entrustment_id=running, year=year)).status_code
        == 200
    )
    assert sign_in(cast.ueno).get(at("desk:entrustments.report", entrustment_id=running, year=year)).status_code == 404
    assert sign_in(cast.eto).get(at("desk:entrustments.report", entrustment_id=running, year=year)).status_code == 403
    assert sign_in(cast.aoki).get(at("desk:entrustments.report", entrustment_id=running, year=1990)).status_code == 404


class TestOfficeWork:
    @pytest.mark.shows("000-41")
    def test_the_first_page_of_an_office_says_what_waits_for_it(
        self, office: Office, cast: Cast, sign_in: SignIn
    ) -> None:
        clients.entrusted(office, cast)
        case = submitted.waiting(cast)
        apps.get_model("collection.RosterEntry").objects.filter(id=case.entry_id).update(
            state="invited", due_on=timezone.now().date() - timedelta(days=3)
        )
        home = sign_in(office.head).get(at("desk:home.page")).content.decode()
        assert "顧問先に、期限を過ぎた人がいます" in home
        assert "届出・お問い合わせが届いています" not in home
        flow = sign_in(office.head).get(at("desk:flow.page")).content.decode()
        assert "顧問先の期限を過ぎた人に催促する" in flow

    def test_a_client_reads_of_an_offer_on_its_first_page(self, office: Office, cast: Cast, sign_in: SignIn) -> None:
        served = clients.serve(office)
        clients.offer(office, served.customer_id)
        assert "事務所から委託の申し出があります" in sign_in(cast.okada).get(at("desk:home.page")).content.decode()
        assert "事務所から委託の申し出" not in sign_in(cast.eto).get(at("desk:home.page")).content.decode()
