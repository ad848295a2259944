"""Every kind of caller of the doors, and rows of Aoba that nobody else may touch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.apps import apps
from django.test import Client

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.applications import office as applications
from tests.rooms.applications.office import open_office
from tests.rooms.collection import submitted
from tests.rooms.credentials.test_certificates import request_for
from tests.rooms.folders import office as folders
from tests.rooms.licences.shop import open_shop, registered
from warifu.credentials.actions import (
    access_keys,
    activation,
    authorities,
    certificate_files,
    certificates,
    departures,
    hand_over,
    ids,
    mail_changes,
    sealed_notices,
    self_resets,
    sessions,
    sister_services,
    tokens,
)
from warifu.credentials.actions.stages import Visitor
from warifu.customers.actions import customers, entrustments, persons
from warifu.customers.rules.entrusting import Clause, Task
from warifu.foundation.actor import OPERATOR, SYSTEM, Actor, Role
from warifu.help.actions import articles
from warifu.help.rules.articles import Words
from warifu.notices import links
from warifu.organisations import actions as organisations
from warifu.organisations import queries
from warifu.organisations.rules import may

CALLERS = ("nobody", "token", "left", "inoue", "aoki", "eto", "okada", "reception", "ueno")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Clients by caller, their actors (None for those who are nobody), and Aoba's ids by the name of a path's part."""

    clients: dict[str, Client]
    actors: dict[str, Actor | None]
    ids: dict[str, Any]


def set_scene(cast: Cast, at: datetime) -> Scene:
    """Everybody at their browsers, at a moment."""
    left = _hire(cast, "小田", "k007", Role.ADMINISTRATOR | Role.HANDLER)
    reception = _hire(cast, "加藤", "k008", Role.RECEIVER)
    ids = _rows(cast, at)
    actors = {
        "nobody": None,
        "token": None,
        "left": None,
        "inoue": cast.inoue,
        "aoki": cast.aoki,
        "eto": cast.eto,
        "okada": cast.okada,
        "reception": reception,
        "ueno": cast.ueno,
    }
    clients = {name: signed_in_client(actor, at=at) for name, actor in actors.items() if actor}
    clients["left"] = signed_in_client(left, at=at)
    assert left.id is not None
    departures.record(organisation_id=cast.aoba, member_id=left.id, left_on=date(2026, 11, 20), by=SYSTEM, at=at)
    clients["nobody"] = Client()
    clients["token"] = Client(HTTP_AUTHORIZATION=f"Bearer {ids.pop('bearer')}")
    for client in clients.values():
        client.raise_request_exception = False
    return Scene(clients=clients, actors=actors, ids=ids)


def _hire(cast: Cast, family_name: str, code: str, roles: Role) -> Actor:
    member_id = organisations.add_member(
        organisation_id=cast.aoba,
        roles=roles,
        family_name=family_name,
        mail=f"{code}@example.jp",
        employee_code=code,
        by=SYSTEM,
        at=MORNING,
    )
    member = queries.member(organisation_id=cast.aoba, member_id=member_id)
    return queries.actor_of(member=member, level=2, authenticated_at=MORNING)


def _rows(cast: Cast, at: datetime) -> dict[str, Any]:
    """A row of Aoba for every name that stands in a path; a new name in a path needs a row here."""
    case = submitted.waiting(cast)
    spouse = submitted.spouse(case, path="A")
    key_token = _office(cast, at)
    assert cast.inoue.id is not None
    bearer = tokens.issue(
        organisation_id=cast.aoba,
        name="人事システム",
        scopes=[
            scope.value for scope in tokens.SCOPES if may(by=cast.aoki, permission=scope, organisation_id=cast.aoba)
        ],
        valid_until=at + timedelta(days=30),
        by=cast.aoki,
        at=at,
    )
    sessions.start(member_id=cast.inoue.id, level=2, browser="another", address="192.0.2.1", at=at)
    activation.send(organisation_id=cast.aoba, member_id=cast.inoue.id, by=cast.aoki, at=at)
    link = links.resolve(links.LateLink(kind="activation", reference=str(_newest("credentials.Activation"))))
    authorities.init(name="Root", by=OPERATOR, at=at)
    certificate = certificates.issue(
        organisation_id=cast.aoba,
        member_id=cast.inoue.id,
        csr=request_for(),
        issued_to="Aoba Trading",
        device_name="PC",
        way="browser",
        by=cast.inoue,
        at=at,
    )
    certificate_files.ask(
        organisation_id=cast.aoba,
        shown=("password", "mail_code"),
        issued_to="Aoba Trading",
        device_name="PC",
        replaces=None,
        by=cast.inoue,
        at=at,
    )
    apps.get_model("collection.Roster").objects.create(
        organisation_id=cast.aoba,
        file_name="名簿.csv",
        file_ref=case.entry_id,
        file_hash="0" * 64,
        state="checked",
        uploaded_at=at,
    )
    assert cast.okada.id is not None
    sealed_notices.issue(
        organisation_id=cast.aoba,
        member_id=cast.okada.id,
        lets_in=cast.inoue.id,
        subject="職員ID i002 の初期パスワード",
        starts_on=date(2026, 12, 1),
        by=cast.aoki,
        at=at,
    )
    assert cast.aoki.id is not None
    hand_over_id = hand_over.start(
        organisation_id=cast.aoba, from_id=cast.aoki.id, to_id=cast.okada.id, by=cast.aoki, at=at
    )
    self_resets.ask(
        organisation_code="aoba", identifier="i002", visitor=Visitor(browser="", address="192.0.2.1"), at=at
    )
    self_resets.send_due(at=at)
    change_id = mail_changes.start(organisation_id=cast.aoba, mail="kaoru@example.com", by=cast.inoue, at=at)
    owner = {"member_id": cast.inoue.id, "created_at": at}
    passkey = apps.get_model("credentials.Passkey").objects.create(
        name="PC", credential_id=b"inoue", public_key=b"", **owner
    )
    authenticator = apps.get_model("credentials.Authenticator").objects.create(
        name="電話", sealed_secret=b"", confirmed_at=at, **owner
    )
    office = open_office(at)
    provider = apps.get_model("credentials.IdentityProvider").objects.create(
        organisation_id=cast.aoba,
        name="親会社のID",
        issuer="http://localhost:9",
        client_id="warifu",
        sealed_secret=b"",
        created_at=at,
    )
    identity = apps.get_model("credentials.ExternalIdentity").objects.create(
        provider=provider, member_id=cast.inoue.id, subject="subject", bound_at=at
    )
    service = sister_services.add(
        organisation_id=cast.aoba,
        name="電子帳簿",
        redirect_uris=["https://sister.example/back"],
        shares_roles=True,
        by=cast.aoki,
        at=at,
    )
    words = Words(title="名札をなくしたとき", lead="総務課へ。", body="三階です。")
    article_id = articles.start(
        organisation_id=cast.aoba,
        kind="faq",
        reader="employee",
        volume="submitting",
        chapter="begin",
        words=words,
        by=cast.aoki,
        at=at,
    )
    picture = apps.get_model("help.ArticlePicture").objects.create(
        article_id=article_id, alt="名札", content=b"", added_at=at
    )
    question = apps.get_model("help.UnansweredQuestion").objects.create(
        normal="x", words="x", first_on=at.date(), last_on=at.date()
    )
    group = apps.get_model("help.SynonymGroup").objects.create(words=["社保", "社会保険"], changed_at=at)
    shop = open_shop(at, office.kato)
    card = registered(shop, at=at)
    customer = _customer(cast, at)
    return {
        **customer,
        "article_id": article_id,
        "picture_id": picture.id,
        "question_id": question.id,
        "group_id": group.id,
        "slug": "password-forgotten",
        "volume": "submitting",
        "screen": "desk:home.page",
        "product_id": shop.product,
        "batch_id": _newest("licences.CardBatch"),
        "card_id": card.id,
        "licence_id": _newest("licences.Licence"),
        "provider_id": provider.id,
        "identity_id": identity.id,
        "service_id": service.service_id,
        "application_id": applications.submitted(cast, office, at=at),
        "desk:application_results.paper:kind": "form",
        "entrance:papers.page:number": "2600001A-F2",
        "desk:folder_records.picture:number": 1,
        "check": "ABCDEFGH",
        "bearer": bearer,
        **_cards(cast, at),
        **_keepings(cast, at),
        "passkey_id": passkey.id,
        "authenticator_id": authenticator.id,
        "user_id": _newest("credentials.UserId"),
        "key_id": _newest("credentials.AccessKey"),
        "entrance:access_keys.page:token": key_token,
        "entrance:access_keys.take:token": key_token,
        "hand_over_id": hand_over_id,
        "step": "devices",
        "reset_id": _newest("credentials.SelfReset"),
        "notice_id": _newest("credentials.SealedNotice"),
        "day": "2026-12-02",
        "procedure": "identifications",
        "scheme_id": office.scheme,
        "user_code_id": _user_code(cast, office, at),
        "organisation_id": cast.aoba,
        "month": "2026-12",
        "change_id": change_id,
        "member_id": cast.inoue.id,
        "entry_id": case.entry_id,
        "submission_id": case.submission_id,
        "document_id": case.document_ids[0],
        "dependent_id": spouse.id,
        "roster_id": _newest("collection.Roster"),
        "letter_id": _newest("notices.Letter"),
        "token_id": _newest("credentials.Token"),
        "session_id": _newest("credentials.Session"),
        "message_id": case.entry_id,
        "certificate_id": certificate.id,
        "enrolment_id": _newest("credentials.Enrolment"),
        "token": link.rstrip("/").rsplit("/", 1)[-1],
        "kind": "invitation",
        "desk:rosters.template:kind": "csv",
        "desk:rosters.problem_file:kind": "csv",
        "form": "bare",
        "code": "WF-A404",
    }


def _keepings(cast: Cast, at: datetime) -> dict[str, Any]:
    """A number of Inoue's that waits for its disposal, the record of an earlier one, and a hold."""
    batch = UUID("00000000-0000-7000-8000-0000000000ba")
    keeping = apps.get_model("vault.Keeping").objects
    shared = {
        "organisation_id": cast.aoba,
        "subject_id": cast.inoue.id,
        "ended_on": date(2024, 3, 31),
        "kept_until": date(2026, 3, 31),
        "created_at": at,
    }
    waiting = keeping.create(purpose="health_pension", state="proposed", due_on=date(2026, 12, 1), **shared)
    keeping.create(purpose="withholding_slip", state="done", done_at=at, batch=batch, numbers=1, **shared)
    hold = apps.get_model("vault.LegalHold").objects.create(
        organisation_id=cast.aoba, reason="訴訟", owner="岡田", until=date(2027, 3, 31), placed_at=at
    )
    return {"keeping_id": waiting.id, "batch": batch, "hold_id": hold.id}


def _cards(cast: Cast, at: datetime) -> dict[str, Any]:
    """A registered card of Inoue's, a code on her page, and her place in the line for a MyKey ID."""
    owner = {"member_id": cast.inoue.id}
    binding = apps.get_model("cards.CardBinding").objects.create(
        organisation_id=cast.aoba,
        name="カード",
        credential_hash="0" * 64,
        valid_until=at + timedelta(days=365),
        status="unconfirmed",
        created_at=at,
        **owner,
    )
    pull = apps.get_model("cards.CardChallenge").objects.create(
        nonce=b"0" * 32,
        what="enrol",
        purpose="{}",
        session_id=_newest("credentials.Session"),
        code_hash="0" * 64,
        made_at=at,
        valid_until=at,
        **owner,
    )
    ticket = apps.get_model("cards.MyKeyTicket").objects.create(
        session_id=_newest("credentials.Session"), asked_at=at, seen_at=at, **owner
    )
    return {"binding_id": binding.id, "pull_id": pull.id, "ticket_id": ticket.id}


def _office(cast: Cast, at: datetime) -> str:
    """Make Aoba an office in which Inoue has an ID and a waiting access key; returns the token of its link."""
    assert cast.inoue.id is not None
    apps.get_model("organisations.Organisation").objects.filter(id=cast.aoba).update(is_office=True)
    apps.get_model("organisations.Member").objects.filter(id=cast.inoue.id).update(
        roles=int(Role.EMPLOYEE | Role.STAFF)
    )
    order = ids.Order(member_id=cast.inoue.id, text="aoba-i002")
    ids.issue(organisation_id=cast.aoba, is_staff=True, orders=[order], by=cast.aoki, at=at)
    apps.get_model("organisations.Member").objects.filter(id=cast.inoue.id).update(roles=int(Role.EMPLOYEE))
    link = access_keys.issue(
        organisation_id=cast.aoba, member_id=cast.inoue.id, name="受付のパソコン", by=cast.aoki, at=at
    )
    return link.address.rstrip("/").rsplit("/", 1)[-1]


def _user_code(cast: Cast, office: applications.Office, at: datetime) -> UUID:
    """A user code of Aoba's that an earlier application brought."""
    found: UUID = (
        apps.get_model("applications.UserCode")
        .objects.create(
            scheme_id=office.scheme, organisation_id=cast.aoba, text="1ANAA", allotted_at=at, from_day=date(2026, 12, 1)
        )
        .id
    )
    return found


def _customer(cast: Cast, at: datetime) -> dict[str, Any]:
    """A customer of Aoba with a person, an offer to another organisation and a request."""
    organisations.create(code="kyaku", name="客先", by=OPERATOR, at=at)
    customer_id = customers.add(office_id=cast.aoba, kind="company", values={"name": "客"}, by=cast.aoki, at=at)
    person_id = persons.add(
        office_id=cast.aoba, customer_id=customer_id, values={"family_name": "客"}, by=cast.aoki, at=at
    )
    entrustment_id = entrustments.offer(
        office_id=cast.aoba,
        customer_id=customer_id,
        client_code="kyaku",
        tasks=list(Task),
        clauses=list(Clause),
        by=cast.aoki,
        at=at,
    )
    inquiry = apps.get_model("customers.Inquiry").objects.create(
        number="Q-1",
        sender_id=cast.aoba,
        addressee_id=cast.aoba,
        member_id=cast.aoki.id,
        customer_id=customer_id,
        kind="question",
        words="?",
        sent_at=at,
    )
    return {
        **folders.filled(cast, at).ids,
        "customer_id": customer_id,
        "person_id": person_id,
        "entrustment_id": entrustment_id,
        "inquiry_id": inquiry.id,
        "year": at.year,
    }


def _newest(model: str) -> UUID:
    found: UUID = apps.get_model(model).objects.latest("id").id
    return found
