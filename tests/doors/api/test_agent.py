"""The door of the program that obtains certificates: by stages to one certificate, and nowhere else (B2)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.credentials.test_signin import GOOD, set_password
from warifu.audit import queries as audit
from warifu.credentials.actions import authenticators, authorities, tokens
from warifu.credentials.models import Certificate, Enrolment, MailCode, Session, SignIn
from warifu.credentials.queries.certificates import certificates_of
from warifu.foundation.actor import OPERATOR
from warifu.notices import links

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The moment of the next request; tests move it."""
    now = [MORNING]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    return now  # type: ignore[return-value]


@pytest.fixture
def agent(cast: Cast, clock: list[Any]) -> Agent:
    """The program in front of an installation that has an authority; Inoue has a password."""
    authorities.init(name="割符 ルート認証局", by=OPERATOR, at=MORNING - timedelta(days=1))
    set_password(cast.inoue)
    return Agent()


class Agent:
    """Calls the door as the program does."""

    def __init__(self) -> None:
        self.client = Client(raise_request_exception=False)
        self.process = ""
        self.token = ""

    def post(self, path: str, body: Any, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.post(f"/api/v1/agent{path}", body, content_type="application/json", headers=headers)

    def get(self, path: str, token: str = "") -> Any:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.client.get(f"/api/v1{path}", headers=headers)

    def begin(self, identifier: str = "i002") -> str:
        answer = self.post("/sign-in", {"organisation": "aoba", "identifier": identifier})
        assert answer.status_code == 200, answer.content
        self.process = answer.json()["process"]
        return self.process

    def answer(self, stage: str, secret: str) -> Any:
        return self.post("/sign-in/answer", {"process": self.process, "stage": stage, "secret": secret})

    def enter(self) -> str:
        """Sign in with password and mailed code; returns the token."""
        self.begin()
        assert self.answer("password", GOOD).json()["stage"] == "code"
        answer = self.answer("code", mailed_code())
        assert answer.json()["stage"] == "done"
        self.token = answer.json()["token"]
        return self.token

    def certify(self, csr: bytes, token: str = "", **values: Any) -> Any:
        body = {"csr": base64.b64encode(csr).decode(), "issued_to": "Aoba Trading", "device_name": "ノートPC"}
        return self.post("/enrolment/certificate", body | values, token or self.token)


def mailed_code() -> str:
    newest = MailCode.objects.latest("id")
    return links.resolve(links.LateLink(kind="mail_code", reference=str(newest.id)))


def request_for(key: Any = None) -> bytes:
    key = key or ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


class TestWay:
    @pytest.mark.shows("000-33", "000-34", "000-35", "000-24")
    def test_it_leads_from_password_and_mailed_code_to_one_certificate(self, agent: Agent, cast: Cast) -> None:
        agent.begin()
        step = agent.answer("password", GOOD).json()
        assert (step["stage"], step["mail"], step["token"]) == ("code", "i***@example.jp", "")
        agent.token = agent.answer("code", mailed_code()).json()["token"]
        offer = agent.get("/agent/enrolment", agent.token).json()
        assert offer["organisation_name"] == "株式会社青葉商会"
        assert (offer["issued_to"], offer["renewable"]) == ("株式会社青葉商会 井上 郁", [])
        key = ec.generate_private_key(ec.SECP256R1())
        answer = agent.certify(request_for(key))
        assert answer.status_code == 200, answer.content
        read = x509.load_pem_x509_certificate(answer.json()["certificate"].encode())
        assert read.public_key() == key.public_key()
        assert len(answer.json()["chain"]) == 2
        assert cast.inoue.id is not None
        (line,) = certificates_of(organisation_id=cast.aoba, member_id=cast.inoue.id)
        assert (line.issued_to, line.device_name, line.way) == ("Aoba Trading", "ノートPC", "agent")
        assert (line.serial, str(line.id)) == (answer.json()["serial"], answer.json()["id"])

    def test_it_starts_no_session_and_the_trail_says_what_was_shown(self, agent: Agent, cast: Cast) -> None:
        before = Session.objects.count()
        agent.enter()
        assert Session.objects.count() == before
        (line,) = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.enrolment.started")
        assert line.values["factors"] == ["password", "mail_code"]

    @pytest.mark.shows("L-09")
    def test_it_asks_those_who_have_an_app_for_its_code(self, agent: Agent, cast: Cast) -> None:
        import pyotp

        begun = authenticators.start(organisation_id=cast.aoba, name="電話", by=cast.inoue, at=MORNING)
        app = pyotp.TOTP(begun.secret)
        authenticators.confirm(organisation_id=cast.aoba, code=app.at(MORNING), by=cast.inoue, at=MORNING)
        agent.begin()
        step = agent.answer("password", GOOD).json()
        assert (step["stage"], step["second"]) == ("second", ["authenticator"])
        assert agent.answer("second", "000000").json()["code"] == "WF-S224"
        step = agent.answer("second", app.at(MORNING + timedelta(seconds=30))).json()
        assert step["stage"] == "done"
        agent.token = step["token"]
        assert agent.certify(request_for()).status_code == 200

    @pytest.mark.shows("000-29", "L-15")
    def test_another_code_kills_the_one_before(self, agent: Agent, clock: list[Any]) -> None:
        agent.begin()
        agent.answer("password", GOOD)
        first = mailed_code()
        clock[0] = MORNING + timedelta(minutes=2)
        assert agent.post("/sign-in/resend", {"process": agent.process}).status_code == 200
        second = mailed_code()
        assert first != second
        assert agent.answer("code", first).json()["code"] == "WF-S233"
        assert agent.answer("code", second).json()["stage"] == "done"

    @pytest.mark.shows("000-34", "C-06")
    def test_a_certificate_whose_window_is_open_is_offered_and_replaced(
        self, agent: Agent, cast: Cast, clock: list[Any]
    ) -> None:
        agent.enter()
        old = agent.certify(request_for()).json()
        clock[0] = datetime.fromisoformat(old["valid_until"]) - timedelta(days=20)
        agent.enter()
        (offered,) = agent.get("/agent/enrolment", agent.token).json()["renewable"]
        assert (offered["id"], offered["issued_to"], offered["device_name"]) == (old["id"], "Aoba Trading", "ノートPC")
        new = agent.certify(request_for(), replaces=old["id"])
        assert new.status_code == 200, new.content
        assert str(Certificate.objects.get(id=new.json()["id"]).replaces_id) == old["id"]


class TestRefusals:
    @pytest.mark.shows("L-10")
    def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(self, agent: Agent) -> None:
        agent.begin()
        wrong = agent.answer("password", "ちがう ことばを いれてみる ところ")
        agent.begin("nobody")
        unknown = agent.answer("password", GOOD)
        assert (wrong.status_code, wrong.json()) == (unknown.status_code, unknown.json())
        assert wrong.json()["code"] == "WF-S203"

    @pytest.mark.shows("L-11")
    def test_the_limiter_holds(self, agent: Agent) -> None:
        agent.begin()
        codes = [agent.answer("password", "ちがう ことばを いれてみる ところ").json()["code"] for _ in range(7)]
        assert codes[:5] == ["WF-S203"] * 5
        assert codes[-1] == "WF-S201"

    def test_a_wrong_code_opens_nothing(self, agent: Agent) -> None:
        agent.begin()
        agent.answer("password", GOOD)
        wrong = "000000" if mailed_code() != "000000" else "000001"
        assert agent.answer("code", wrong).json()["code"] == "WF-S231"
        assert Enrolment.objects.count() == 0

    def test_a_request_with_a_broken_signature(self, agent: Agent) -> None:
        agent.enter()
        broken = bytearray(request_for())
        broken[-1] ^= 1
        self._refused(agent, bytes(broken), "WF-S601")

    def test_a_weak_key(self, agent: Agent) -> None:
        agent.enter()
        self._refused(agent, request_for(rsa.generate_private_key(public_exponent=65537, key_size=2048)), "WF-S602")

    def test_a_name_that_hides_something(self, agent: Agent) -> None:
        agent.enter()
        for name in ("", "a" * 65, "Aoba\u202egnidarT", "Aoba\nTrading"):
            self._refused(agent, request_for(), "WF-S606", issued_to=name)

    def test_somebody_elses_certificate_cannot_be_renewed(self, agent: Agent, cast: Cast) -> None:
        agent.enter()
        agent.certify(request_for())
        own = Certificate.objects.get(member_id=cast.inoue.id)
        set_password(cast.eto)
        agent.begin("e003")
        agent.answer("password", GOOD)
        agent.token = agent.answer("code", mailed_code()).json()["token"]
        self._refused(agent, request_for(), "WF-S608", replaces=str(own.id))

    def _refused(self, agent: Agent, csr: bytes, code: str, **values: Any) -> None:
        before = Certificate.objects.count()
        answer = agent.certify(csr, **values)
        assert answer.json()["code"] == code, answer.content
        assert Certificate.objects.count() == before
        assert Enrolment.objects.latest("id").used_at is None


class TestToken:
    def test_it_makes_one_certificate(self, agent: Agent) -> None:
        agent.enter()
        assert agent.certify(request_for()).status_code == 200
        again = agent.certify(request_for())
        assert (again.status_code, again.json()["code"]) == (401, "WF-S660")
        assert Certificate.objects.count() == 1

    def test_it_is_over_after_ten_minutes(self, agent: Agent, clock: list[Any]) -> None:
        agent.enter()
        clock[0] = MORNING + timedelta(minutes=10)
        for answer in (agent.get("/agent/enrolment", agent.token), agent.certify(request_for())):
            assert (answer.status_code, answer.json()["code"]) == (401, "WF-S660")
        assert Certificate.objects.count() == 0

    @pytest.mark.parametrize("path", ["/people", "/verifications", "/rosters"])
    def test_it_opens_no_other_door(self, agent: Agent, path: str) -> None:
        agent.enter()
        answer = agent.get(path, agent.token)
        assert (answer.status_code, answer.json()["code"]) == (401, "WF-S501")
        page = agent.client.get("/my/", headers={"Cookie": f"warifu_session={agent.token}"})
        assert page.status_code == 302

    def test_no_other_token_or_session_opens_its_door(self, agent: Agent, cast: Cast) -> None:
        token = tokens.issue(
            organisation_id=cast.aoba,
            name="給与システム",
            scopes=["people:read"],
            valid_until=MORNING + timedelta(days=3),
            by=cast.aoki,
            at=MORNING,
        )
        assert agent.get("/agent/enrolment", token).json()["code"] == "WF-S660"
        assert agent.get("/agent/enrolment").json()["code"] == "WF-P401"
        assert signed_in_client(cast.inoue, at=MORNING).get("/api/v1/agent/enrolment").status_code == 401
        assert Certificate.objects.count() == 0

    def test_a_sign_in_for_a_session_is_not_answered_here_nor_the_other_way_round(
        self, agent: Agent, cast: Cast
    ) -> None:
        page = agent.client.post("/signin/", {"organisation": "aoba", "identifier": "e003", "password": "x"})
        assert page.status_code == 422
        agent.begin()
        token = agent.process
        SignIn.objects.update(purpose="session")
        agent.process = token
        assert agent.answer("password", GOOD).json()["code"] == "WF-S204"
