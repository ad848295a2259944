"""The pages of the three ways to a certificate (B2, C-03)."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, pkcs12
from django.conf import settings
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from warifu.audit import queries as audit
from warifu.credentials.actions import authenticators, authorities, sessions
from warifu.credentials.models import Certificate, Enrolment, MailCode
from warifu.foundation.actor import OPERATOR, Actor
from warifu.notices import links

pytestmark = pytest.mark.django_db
OBTAIN = "/certificates/obtain/"
VALUES = {"issued_to": "Aoba Trading AOKI", "device_name": "経理のノートPC"}


@pytest.fixture(autouse=True)
def clock(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[datetime]]:
    """The moment of the next request, in an installation with an authority."""
    now = [MORNING]
    monkeypatch.setattr(timezone, "now", lambda: now[0])
    authorities.init(name="割符 ルート認証局", by=OPERATOR, at=MORNING - timedelta(days=1))
    return now  # type: ignore[return-value]


def weak_client(actor: Actor, *factors: str) -> Client:
    """A browser whose session was opened with these factors, none of them a second one."""
    assert actor.id is not None
    token = sessions.start(
        member_id=actor.id, level=1, factors=factors, browser="tests", address="127.0.0.1", at=MORNING
    )
    client = Client()
    client.cookies[settings.SESSION_COOKIE] = token
    return client


def csr() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    made = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([])).sign(key, hashes.SHA256())
    return base64.b64encode(made.public_bytes(Encoding.DER)).decode()


def mailed_code() -> str:
    return links.resolve(links.LateLink(kind="mail_code", reference=str(MailCode.objects.latest("id").id)))


class TestEnrol:
    @pytest.mark.shows("000-31", "000-36")
    def test_it_offers_three_ways_and_says_what_to_prepare(self, cast: Cast) -> None:
        page = signed_in_client(cast.aoki, at=MORNING).get(OBTAIN).content.decode()
        for way in ("電子証明書ツール", "このブラウザーで取得する", "サーバーに作ってもらう"):
            assert way in page
        assert page.count("用意するもの") == 3
        assert f"warifu-agent enrol --server {settings.WARIFU.site_url} --organisation aoba" in page
        assert "ブラウザーをすべて閉じてください" in page

    @pytest.mark.shows("L-09")
    def test_it_wants_the_second_factor_of_whoever_has_one(self, cast: Cast) -> None:
        import pyotp

        begun = authenticators.start(organisation_id=cast.aoba, name="電話", by=cast.inoue, at=MORNING)
        code = pyotp.TOTP(begun.secret).at(MORNING)
        authenticators.confirm(organisation_id=cast.aoba, code=code, by=cast.inoue, at=MORNING)
        answer = weak_client(cast.inoue, "password", "mail_code").get(OBTAIN)
        assert answer.headers["Location"].startswith("/stepup/")

    def test_it_wants_more_than_a_password(self, cast: Cast) -> None:
        for path in (OBTAIN, f"{OBTAIN}browser/", f"{OBTAIN}file/"):
            answer = weak_client(cast.inoue, "password").get(path)
            assert answer.headers["Location"].startswith("/certificates/prove/"), path
        assert weak_client(cast.inoue, "password", "mail_code").get(OBTAIN).status_code == 200


class TestProve:
    @pytest.mark.shows("000-28")
    def test_a_mailed_code_opens_the_way_and_changes_the_session(self, cast: Cast) -> None:
        client = weak_client(cast.inoue, "password")
        before = client.cookies[settings.SESSION_COOKIE].value
        assert MailCode.objects.count() == 0
        assert client.post("/certificates/prove/send/", {"next": OBTAIN}).status_code == 302
        answer = client.post("/certificates/prove/", {"code": mailed_code(), "next": OBTAIN})
        assert answer.headers["Location"] == OBTAIN
        assert client.cookies[settings.SESSION_COOKIE].value != before
        assert client.get(OBTAIN).status_code == 200
        assert signed_in_client(cast.inoue).get("/my/").status_code == 200

    def test_a_wrong_code_opens_nothing(self, cast: Cast) -> None:
        client = weak_client(cast.inoue, "password")
        client.post("/certificates/prove/send/")
        wrong = "000000" if mailed_code() != "000000" else "000001"
        answer = client.post("/certificates/prove/", {"code": wrong})
        assert answer.status_code == 422
        assert "メール確認コードが合いません" in answer.content.decode()
        assert client.get(OBTAIN).status_code == 302


class TestTool:
    @pytest.mark.shows("000-31", "000-32")
    def test_it_is_a_package_that_an_installer_takes(self) -> None:
        answer = Client().get("/certificates/tool/")
        name = re.search(r'filename="(.+)"', answer.headers["Content-Disposition"])
        assert name
        assert re.fullmatch(r"warifu_agent-[\d.]+-py3-none-any\.whl", name[1])
        package = zipfile.ZipFile(io.BytesIO(answer.content))
        assert package.testzip() is None
        names = package.namelist()
        assert {"warifu_agent/program.py", "warifu_agent/stores/nss.py", "warifu_card/jpki.py"} <= set(names)
        assert {"warifu_agent/extension/manifest.json", "warifu_agent/extension/content.js"} <= set(names)
        assert len(names) == len(set(names))
        records = package.read(next(one for one in names if one.endswith("RECORD"))).decode()
        assert len(records.splitlines()) == len(names)


class TestSign:
    def test_it_signs_for_the_name_and_says_where_it_was_made(self, cast: Cast) -> None:
        client = signed_in_client(cast.aoki, at=MORNING)
        answer = client.post(f"{OBTAIN}browser/sign/", VALUES | {"csr": csr()})
        assert answer.status_code == 200, answer.content
        read = x509.load_der_x509_certificate(base64.b64decode(answer.json()["certificate"]))
        assert read.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value == "Aoba Trading AOKI"
        assert len(answer.json()["chain"]) == 2
        kept = Certificate.objects.get(member_id=cast.aoki.id)
        assert (kept.way, kept.device_name) == ("browser", "経理のノートPC")

    @pytest.mark.parametrize(
        ("changed", "status"),
        [({"csr": "AAAA"}, 422), ({"csr": "%%%"}, 422), ({"issued_to": ""}, 422), ({"issued_to": "あ" * 65}, 422)],
    )
    def test_it_refuses_what_does_not_fit_in_words(self, cast: Cast, changed: dict[str, str], status: int) -> None:
        client = signed_in_client(cast.aoki, at=MORNING)
        answer = client.post(f"{OBTAIN}browser/sign/", VALUES | {"csr": csr()} | changed)
        assert answer.status_code == status
        assert answer.json()["sentence"]
        assert Certificate.objects.count() == 0

    def test_a_session_with_a_password_alone_gets_nothing(self, cast: Cast) -> None:
        answer = weak_client(cast.inoue, "password").post(f"{OBTAIN}browser/sign/", VALUES | {"csr": csr()})
        assert answer.status_code == 302
        assert Certificate.objects.count() == 0

    @pytest.mark.shows("C-06")
    def test_a_certificate_whose_window_is_open_can_be_replaced(self, cast: Cast, clock: list[datetime]) -> None:
        signed_in_client(cast.aoki, at=MORNING).post(f"{OBTAIN}browser/sign/", VALUES | {"csr": csr()})
        old = Certificate.objects.get()
        page = signed_in_client(cast.aoki, at=MORNING).get(f"{OBTAIN}browser/").content.decode()
        assert "新規か更新か" not in page
        clock[0] = old.valid_until - timedelta(days=20)
        client = signed_in_client(cast.aoki, at=clock[0])
        page = client.get(f"{OBTAIN}browser/").content.decode()
        assert "更新: 経理のノートPC" in page
        answer = client.post(f"{OBTAIN}browser/sign/", VALUES | {"csr": csr(), "replaces": str(old.id)})
        assert answer.status_code == 200, answer.content
        assert Certificate.objects.latest("id").replaces_id == old.id


@pytest.mark.shows("C-03")
class TestFile:
    def asked(self, client: Client) -> str:
        answer = client.post(f"{OBTAIN}file/", VALUES)
        assert answer.status_code == 302, answer.content.decode()
        return str(answer.headers["Location"])

    def test_it_is_taken_once_and_its_password_comes_by_mail(self, cast: Cast) -> None:
        client = signed_in_client(cast.aoki, at=MORNING)
        place = self.asked(client)
        assert Certificate.objects.count() == 0
        page = client.get(place).content.decode()
        assert "a001@example.jp" in page
        answer = client.post(f"{place}take/")
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="warifu-')
        row = Enrolment.objects.latest("id")
        password = links.resolve(links.LateLink(kind="certificate_password", reference=str(row.id)))
        assert re.fullmatch(r"([A-HJ-NP-Y3-9]{4}-){5}[A-HJ-NP-Y3-9]{4}", password)
        assert password not in page
        found = pkcs12.load_pkcs12(answer.content, password.encode())
        assert found.cert is not None
        assert bytes(Certificate.objects.get().der) == found.cert.certificate.public_bytes(Encoding.DER)
        assert found.key is not None
        assert found.key.public_key() == found.cert.certificate.public_key()  # type: ignore[union-attr]
        (line,) = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.enrolment.file_taken")
        assert line.subject_id == row.id

    def test_the_key_stands_in_no_table(self, cast: Cast) -> None:
        from tests.doors.test_every_door import everything

        client = signed_in_client(cast.aoki, at=MORNING)
        answer = client.post(f"{self.asked(client)}take/")
        row = Enrolment.objects.latest("id")
        password = links.resolve(links.LateLink(kind="certificate_password", reference=str(row.id)))
        key = pkcs12.load_pkcs12(answer.content, password.encode()).key
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        secret = key.private_numbers().private_value.to_bytes(32, "big")
        for table, rows in everything().items():
            assert password not in repr(rows), table
            for value in (value for one in rows for value in one if isinstance(value, bytes)):
                assert secret not in value, table

    def test_a_second_taking_is_refused(self, cast: Cast) -> None:
        client = signed_in_client(cast.aoki, at=MORNING)
        place = self.asked(client)
        client.post(f"{place}take/")
        for again in (client.post(f"{place}take/"), client.get(place)):
            assert again.status_code == 410
            assert "WF-S662" in again.content.decode()
        assert Certificate.objects.count() == 1

    def test_it_is_not_made_after_ten_minutes(self, cast: Cast, clock: list[datetime]) -> None:
        place = self.asked(signed_in_client(cast.aoki, at=MORNING))
        clock[0] = MORNING + timedelta(minutes=10)
        answer = signed_in_client(cast.aoki, at=clock[0]).post(f"{place}take/")
        assert answer.status_code == 410
        assert Certificate.objects.count() == 0

    def test_nobody_takes_somebody_elses(self, cast: Cast) -> None:
        place = self.asked(signed_in_client(cast.aoki, at=MORNING))
        for actor in (cast.eto, cast.ueno):
            assert signed_in_client(actor, at=MORNING).post(f"{place}take/").status_code == 404
        assert Certificate.objects.count() == 0

    def test_nobody_without_a_mailbox_gets_one(self, cast: Cast) -> None:
        from warifu.organisations.models import Member

        Member.objects.filter(id=cast.aoki.id).update(mail="")
        answer = signed_in_client(cast.aoki, at=MORNING).post(f"{OBTAIN}file/", VALUES)
        assert "WF-S663" in answer.content.decode()
        assert Enrolment.objects.count() == 0

    def test_the_letter_stays_unsent_when_the_certificate_was_revoked(self, cast: Cast) -> None:
        client = signed_in_client(cast.aoki, at=MORNING)
        client.post(f"{self.asked(client)}take/")
        Certificate.objects.update(revoked_at=MORNING)
        row: UUID = Enrolment.objects.latest("id").id
        with pytest.raises(links.LinkDead):
            links.resolve(links.LateLink(kind="certificate_password", reference=str(row)))


def test_what_people_see_is_nowhere_a_secret(cast: Cast) -> None:
    client = signed_in_client(cast.aoki, at=MORNING)
    for path in (OBTAIN, f"{OBTAIN}browser/", f"{OBTAIN}file/"):
        answer: Any = client.get(path)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
