"""Electronic certificates: issued, shown, renewed, stopped."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.cast import MORNING, Cast
from warifu.audit.models import Entry
from warifu.credentials import authority
from warifu.credentials.actions import authorities, certificate_letters, certificates, departures, sessions
from warifu.credentials.models import Authenticator, Certificate, RevocationList, Session
from warifu.credentials.rules import certificates as rules
from warifu.foundation.actor import OPERATOR, Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.notices.models import Letter
from warifu.organisations.rules import LevelTooLow, NotPermitted


@pytest.fixture
def ca(cast: Cast) -> UUID:
    return authorities.init(name="Aoba Root CA", by=OPERATOR, at=MORNING - timedelta(days=1))


def request_for(key: Any = None) -> bytes:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ignored")])
    key = key or ec.generate_private_key(ec.SECP256R1())
    algorithm = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    request = x509.CertificateSigningRequestBuilder().subject_name(subject).sign(key, algorithm)
    return request.public_bytes(serialization.Encoding.PEM)


def issue(cast: Cast, who: Actor, *, at: datetime = MORNING, **values: Any) -> certificates.Issued:
    asked: dict[str, Any] = {
        "organisation_id": cast.aoba, "member_id": who.id, "csr": request_for(), "issued_to": "Aoba Trading",
        "device_name": "経理のノートPC", "way": "agent", "by": who, "at": at,
    } | values  # fmt: skip
    return certificates.issue(**asked)


def entries(event: str) -> list[Entry]:
    return list(Entry.objects.filter(event=event))


def letters(kind: str) -> list[Letter]:
    return list(Letter.objects.filter(kind=kind).order_by("id"))


def unchanged() -> tuple[Any, ...]:
    return (
        list(Certificate.objects.order_by("id").values_list()),
        list(RevocationList.objects.order_by("pk").values_list("number")),
        Entry.objects.count(),
        Letter.objects.count(),
    )


def renewable(made: certificates.Issued) -> datetime:
    return made.valid_until - timedelta(days=59)


class TestIssue:
    @pytest.mark.shows("C-02", "000-24")
    def test_it_follows_the_profile(self, ca: UUID, cast: Cast) -> None:
        made = issue(cast, cast.aoki)
        read = x509.load_der_x509_certificate(made.der)
        assert read.version is x509.Version.v3
        assert read.subject.rfc4514_string() == "CN=Aoba Trading,O=株式会社青葉商会"
        extensions = read.extensions
        assert list(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
            x509.ExtendedKeyUsageOID.CLIENT_AUTH
        ]
        usage = extensions.get_extension_for_class(x509.KeyUsage)
        assert usage.critical
        assert usage.value == x509.KeyUsage(True, *[False] * 8)
        basics = extensions.get_extension_for_class(x509.BasicConstraints)
        assert (basics.critical, basics.value.ca) == (True, False)
        [name] = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert name.value.rfc4514_string() == f"UID={cast.aoki.id}"
        assert isinstance(read.signature_hash_algorithm, hashes.SHA256)
        assert 0 < read.serial_number < 2**159
        assert read.serial_number.bit_length() > 64
        issuing, root = (x509.load_der_x509_certificate(der) for der in made.chain)
        read.verify_directly_issued_by(issuing)
        issuing.verify_directly_issued_by(root)
        assert issuing.extensions.get_extension_for_class(x509.BasicConstraints).value.path_length == 0
        life = read.not_valid_after_utc - read.not_valid_before_utc
        assert timedelta(days=365) < life < timedelta(days=365 + 28)

    @pytest.mark.shows("C-03")
    def test_only_the_key_of_the_request_counts(self, ca: UUID, cast: Cast) -> None:
        key = ec.generate_private_key(ec.SECP384R1())
        made = issue(cast, cast.aoki, csr=request_for(key))
        read = x509.load_der_x509_certificate(made.der)
        assert read.public_key() == key.public_key()
        assert "ignored" not in read.subject.rfc4514_string()

    def test_is_recorded_once_and_told_by_mail(self, ca: UUID, cast: Cast) -> None:
        before = Entry.objects.count()
        made = issue(cast, cast.aoki)
        assert Entry.objects.count() == before + 1
        [entry] = entries("credentials.certificate.issued")
        assert made.serial in entry.body
        [letter] = letters("factor_added")
        assert (letter.to_mail, letter.values["factor_name"]) == ("a001@example.jp", "経理のノートPC")

    def test_whoever_manages_security_may_for_others(self, ca: UUID, cast: Cast) -> None:
        made = issue(cast, cast.inoue, by=cast.aoki, way="file")
        assert Certificate.objects.get(id=made.id).member_id == cast.inoue.id
        assert letters("factor_added")[0].to_mail == "i002@example.jp"

    @pytest.mark.parametrize(
        ("who", "refusal"), [("inoue", NotPermitted), ("eto", NotPermitted), ("ueno", NotPermitted)]
    )
    def test_refuses_others(self, ca: UUID, cast: Cast, who: str, refusal: type[Refused]) -> None:
        before = unchanged()
        with pytest.raises(refusal):
            issue(cast, cast.aoki, by=getattr(cast, who))
        assert unchanged() == before

    def test_refuses_another_organisations_member(self, ca: UUID, cast: Cast) -> None:
        before = unchanged()
        with pytest.raises(NotFound):
            issue(cast, cast.ueno, by=cast.aoki)
        assert unchanged() == before

    @pytest.mark.shows("L-09")
    def test_wants_the_second_factor_of_whoever_has_one(self, ca: UUID, cast: Cast) -> None:
        weak = replace(cast.aoki, level=1)
        issue(cast, weak)
        Authenticator.objects.create(
            member_id=cast.aoki.id, name="app", sealed_secret=b"x", created_at=MORNING, confirmed_at=MORNING
        )
        before = unchanged()
        with pytest.raises(LevelTooLow):
            issue(cast, weak)
        assert unchanged() == before

    @pytest.mark.shows("C-02")
    @pytest.mark.parametrize("name", ["short rsa", "p-521", "p-192k1", "ed25519"])
    def test_refuses_weak_and_other_keys(self, ca: UUID, cast: Cast, name: str) -> None:
        key = {
            "short rsa": lambda: rsa.generate_private_key(65537, 2048),
            "p-521": lambda: ec.generate_private_key(ec.SECP521R1()),
            "p-192k1": lambda: ec.generate_private_key(ec.SECP256K1()),
            "ed25519": ed25519.Ed25519PrivateKey.generate,
        }[name]()
        before = unchanged()
        with pytest.raises(authority.KeyTooWeak):
            issue(cast, cast.aoki, csr=request_for(key))
        assert unchanged() == before

    def test_takes_rsa_of_3072_bits_and_der(self, ca: UUID, cast: Cast) -> None:
        pem = request_for(rsa.generate_private_key(65537, 3072))
        der = x509.load_pem_x509_csr(pem).public_bytes(serialization.Encoding.DER)
        assert issue(cast, cast.aoki, csr=der).der

    @pytest.mark.parametrize("broken", ["empty", "words", "long", "signature"])
    def test_refuses_what_is_no_request(self, ca: UUID, cast: Cast, broken: str) -> None:
        der = x509.load_pem_x509_csr(request_for()).public_bytes(serialization.Encoding.DER)
        csr = {
            "empty": b"", "words": b"-----BEGIN CERTIFICATE REQUEST-----\nhello", "long": der * 100,
            "signature": der[:-1] + bytes([der[-1] ^ 1]),
        }[broken]  # fmt: skip
        before = unchanged()
        with pytest.raises(authority.RequestUnreadable):
            issue(cast, cast.aoki, csr=csr)
        assert unchanged() == before

    @pytest.mark.parametrize("name", ["", "  ", "a" * 65, "a\nb", "a\u202eb"])
    def test_refuses_names_that_cannot_be_written(self, ca: UUID, cast: Cast, name: str) -> None:
        before = unchanged()
        with pytest.raises(certificates.NameUnusable):
            issue(cast, cast.aoki, issued_to=name)
        assert unchanged() == before

    def test_refuses_too_many(self, ca: UUID, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(rules, "MOST", 2)
        issue(cast, cast.aoki)
        issue(cast, cast.aoki)
        before = unchanged()
        with pytest.raises(certificates.TooManyCertificates):
            issue(cast, cast.aoki)
        assert unchanged() == before
        assert issue(cast, cast.eto).der


class TestRenew:
    @pytest.mark.shows("C-06")
    def test_the_old_one_goes_on_until_the_new_one_is_used(self, ca: UUID, cast: Cast) -> None:
        old = issue(cast, cast.aoki)
        at = renewable(old)
        new = issue(cast, cast.aoki, at=at, replaces=old.id)
        assert [bool(certificates.presented(der=made.der, at=at)) for made in (old, new)] == [True, True]
        later = at + timedelta(days=3)
        certificates.note_use(certificate_id=new.id, at=later)
        assert [bool(certificates.presented(der=made.der, at=later)) for made in (old, new)] == [False, True]
        row = Certificate.objects.get(id=old.id)
        assert (row.revoked_at, row.reason) == (later, "replaced")
        assert len(entries("credentials.certificate.renewed")) == 1
        assert len(entries("credentials.certificate.superseded")) == 1

    @pytest.mark.shows("C-06")
    def test_the_overlap_ends_by_itself(self, ca: UUID, cast: Cast) -> None:
        old = issue(cast, cast.aoki)
        at = renewable(old)
        issue(cast, cast.aoki, at=at, replaces=old.id)
        last = at + rules.OVERLAP - timedelta(seconds=1)
        assert certificates.presented(der=old.der, at=last)
        assert certificates.end_overlaps(at=last) == 0
        over = at + rules.OVERLAP
        assert certificates.presented(der=old.der, at=over) is None
        assert certificates.end_overlaps(at=over) == 1
        assert certificates.end_overlaps(at=over) == 0
        assert Certificate.objects.get(id=old.id).reason == "replaced"

    @pytest.mark.shows("C-06")
    def test_refuses_before_the_window_opens(self, ca: UUID, cast: Cast) -> None:
        old = issue(cast, cast.aoki)
        before = unchanged()
        with pytest.raises(certificates.RenewalTooEarly):
            issue(cast, cast.aoki, at=old.valid_until - timedelta(days=61), replaces=old.id)
        assert unchanged() == before

    def test_refuses_a_second_time_and_what_is_over_or_stopped_or_anothers(self, ca: UUID, cast: Cast) -> None:
        old, stopped, others = issue(cast, cast.aoki), issue(cast, cast.aoki), issue(cast, cast.eto)
        at = renewable(old)
        issue(cast, cast.aoki, at=at, replaces=old.id)
        certificates.revoke(organisation_id=cast.aoba, certificate_id=stopped.id, reason="lost", by=cast.aoki, at=at)
        before = unchanged()
        for made, moment in ((old, at), (stopped, at), (others, at), (old, old.valid_until)):
            with pytest.raises(certificates.NotToBeRenewed):
                issue(cast, cast.aoki, at=moment, replaces=made.id)
        assert unchanged() == before


class TestPresented:
    @pytest.mark.shows("C-04")
    def test_it_says_whose_it_is_in_one_query(self, ca: UUID, cast: Cast, django_assert_num_queries: Any) -> None:
        made = issue(cast, cast.aoki)
        with django_assert_num_queries(1):
            found = certificates.presented(der=made.der, at=MORNING)
        assert found == certificates.Presented(
            id=made.id, member_id=cast.aoki.id, organisation_id=cast.aoba, valid_until=made.valid_until
        )  # type: ignore[arg-type]

    @pytest.mark.shows("C-04")
    def test_it_is_nobodys_outside_its_dates_or_changed_by_a_bit(self, ca: UUID, cast: Cast) -> None:
        made = issue(cast, cast.aoki)
        for at in (MORNING - timedelta(minutes=11), made.valid_until, made.valid_until + timedelta(days=1)):
            assert certificates.presented(der=made.der, at=at) is None
        changed = made.der[:-1] + bytes([made.der[-1] ^ 1])
        for der in (changed, b"", b"nonsense", *made.chain):
            assert certificates.presented(der=der, at=MORNING) is None

    @pytest.mark.shows("C-04")
    def test_it_is_nobodys_when_made_by_another_authority_with_the_same_names(self, ca: UUID, cast: Cast) -> None:
        made = issue(cast, cast.aoki)
        read = x509.load_der_x509_certificate(made.der)
        key = ec.generate_private_key(ec.SECP256R1())
        builder = x509.CertificateBuilder(
            issuer_name=read.issuer, subject_name=read.subject, public_key=key.public_key(),
            serial_number=read.serial_number, not_valid_before=MORNING, not_valid_after=made.valid_until,
            extensions=list(read.extensions),
        )  # fmt: skip
        forged = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
        assert certificates.presented(der=forged, at=MORNING) is None

    @pytest.mark.shows("C-04")
    def test_it_is_nobodys_when_it_is_the_servers(self, ca: UUID, cast: Cast) -> None:
        made = certificates.issue_server(names=["warifu.example.jp"], at=MORNING)
        own = x509.load_pem_x509_certificates(made.chain_pem)[0].public_bytes(serialization.Encoding.DER)
        assert certificates.presented(der=own, at=MORNING) is None

    @pytest.mark.shows("C-04", "L-24")
    def test_it_ends_with_its_person(self, ca: UUID, cast: Cast) -> None:
        made = issue(cast, cast.eto)
        assert cast.eto.id is not None
        departures.record(
            organisation_id=cast.aoba, member_id=cast.eto.id, left_on=MORNING.date(), by=cast.aoki, at=MORNING
        )
        assert certificates.presented(der=made.der, at=MORNING) is None
        assert Certificate.objects.get(id=made.id).reason == "left"


class TestNoteUse:
    def test_notes_the_first_and_then_once_a_minute(self, ca: UUID, cast: Cast) -> None:
        made = issue(cast, cast.aoki)
        moments = [MORNING + timedelta(seconds=seconds) for seconds in (0, 59, 60)]
        seen = []
        for at in moments:
            certificates.note_use(certificate_id=made.id, at=at)
            row = Certificate.objects.get(id=made.id)
            seen.append((row.first_used_at, row.used_at))
        assert seen == [(moments[0], moments[0]), (moments[0], moments[0]), (moments[0], moments[2])]


class TestRevoke:
    @pytest.mark.shows("C-05")
    def test_it_holds_at_once_and_ends_what_it_opened(self, ca: UUID, cast: Cast) -> None:
        made, other = issue(cast, cast.aoki), issue(cast, cast.aoki)
        assert cast.aoki.id is not None
        for opened in (made.id, other.id, None):
            sessions.start(
                member_id=cast.aoki.id, level=2, browser="b", address="192.0.2.1", at=MORNING, certificate_id=opened
            )
        certificates.revoke(organisation_id=cast.aoba, certificate_id=made.id, reason="lost", by=cast.aoki, at=MORNING)
        assert certificates.presented(der=made.der, at=MORNING) is None
        assert certificates.presented(der=other.der, at=MORNING) is not None
        ended = Session.objects.exclude(ended_at=None)
        assert [(row.certificate_id, row.end_reason) for row in ended] == [(made.id, "certificate")]
        [entry] = entries("credentials.certificate.revoked")
        assert made.serial in entry.body
        assert [letter.to_mail for letter in letters("factor_revoked")] == ["a001@example.jp"]

    def test_a_person_may_stop_their_own_and_security_anybodys(self, ca: UUID, cast: Cast) -> None:
        own, anothers = issue(cast, cast.inoue), issue(cast, cast.inoue)
        weak = replace(cast.inoue, level=1)
        certificates.revoke(organisation_id=cast.aoba, certificate_id=own.id, reason="lost", by=weak, at=MORNING)
        certificates.revoke(
            organisation_id=cast.aoba, certificate_id=anothers.id, reason="left", by=cast.aoki, at=MORNING
        )
        assert Certificate.objects.get(id=anothers.id).revoked_by == cast.aoki.id

    @pytest.mark.parametrize(
        ("who", "reason", "refusal"),
        [
            ("eto", "lost", NotPermitted),
            ("ueno", "lost", NotPermitted),
            ("aoki", "because", certificates.ReasonUnknown),
            ("aoki", "", certificates.ReasonUnknown),
        ],
    )
    def test_refuses(self, ca: UUID, cast: Cast, who: str, reason: str, refusal: type[Refused]) -> None:
        made = issue(cast, cast.inoue)
        before = unchanged()
        with pytest.raises(refusal):
            certificates.revoke(
                organisation_id=cast.aoba, certificate_id=made.id, reason=reason, by=getattr(cast, who), at=MORNING
            )
        assert unchanged() == before

    def test_refuses_twice_and_what_is_not_there(self, ca: UUID, cast: Cast) -> None:
        made = issue(cast, cast.aoki)
        server = certificates.issue_server(names=["warifu.example.jp"], at=MORNING)
        own = Certificate.objects.get(serial=server.serial)
        certificates.revoke(organisation_id=cast.aoba, certificate_id=made.id, reason="lost", by=cast.aoki, at=MORNING)
        before = unchanged()
        for organisation_id, certificate_id in ((cast.aoba, made.id), (cast.ueda, made.id), (cast.aoba, own.id)):
            with pytest.raises(NotFound):
                certificates.revoke(
                    organisation_id=organisation_id,
                    certificate_id=certificate_id,
                    reason="lost",
                    by=cast.aoki,
                    at=MORNING,
                )
        assert unchanged() == before


class TestIssueServer:
    def test_makes_a_chain_and_a_key_that_fit(self, ca: UUID, cast: Cast) -> None:
        made = certificates.issue_server(names=["warifu.example.jp", "127.0.0.1", "::1"], at=MORNING)
        own, issuing = x509.load_pem_x509_certificates(made.chain_pem)
        key = serialization.load_pem_private_key(made.key_pem, password=None)
        assert own.public_key() == key.public_key()
        own.verify_directly_issued_by(issuing)
        names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["warifu.example.jp"]
        assert [str(name) for name in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
        assert list(own.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == [
            x509.ExtendedKeyUsageOID.SERVER_AUTH
        ]
        row = Certificate.objects.get(serial=made.serial)
        assert (row.member_id, row.organisation_id, row.way) == (None, None, "server")


class TestLetters:
    @pytest.mark.shows("C-06")
    def test_they_leave_60_28_7_and_1_days_before_the_end_once_each(self, ca: UUID, cast: Cast) -> None:
        made = issue(cast, cast.aoki)
        sent = []
        for days in range(70, -2, -1):
            at = made.valid_until - timedelta(days=days) + timedelta(hours=1)
            if certificate_letters.remind_due(at=at):
                sent.append(days)
            assert certificate_letters.remind_due(at=at) == 0
        assert sent == [60, 28, 7, 1]
        told = letters("certificate_ending")
        assert len(told) == 4
        assert {letter.to_mail for letter in told} == {"a001@example.jp"}
        assert told[0].values["ends_on"] == "2027-12-19"
        assert len(entries("credentials.certificates.reminded")) == 4

    @pytest.mark.shows("C-06")
    def test_they_stop_when_renewed_or_stopped_or_gone(self, ca: UUID, cast: Cast) -> None:
        renewed, stopped, left = issue(cast, cast.aoki), issue(cast, cast.inoue), issue(cast, cast.eto)
        at = renewable(renewed)
        assert certificate_letters.remind_due(at=at) == 3
        issue(cast, cast.aoki, at=at, replaces=renewed.id)
        certificates.revoke(organisation_id=cast.aoba, certificate_id=stopped.id, reason="unused", by=cast.aoki, at=at)
        assert cast.eto.id is not None
        departures.record(organisation_id=cast.aoba, member_id=cast.eto.id, left_on=at.date(), by=cast.aoki, at=at)
        for days in (28, 7, 1):
            assert certificate_letters.remind_due(at=left.valid_until - timedelta(days=days)) == 0
        assert len(letters("certificate_ending")) == 3

    def test_a_late_round_sends_the_latest_one_alone(self, ca: UUID, cast: Cast) -> None:
        made = issue(cast, cast.aoki)
        assert certificate_letters.remind_due(at=made.valid_until - timedelta(days=5)) == 1
        assert [letter.key for letter in letters("certificate_ending")] == [f"certificate_ending:7:{made.id}"]
        assert Certificate.objects.get(id=made.id).reminded_days == 7

    def test_unused_ones_are_pointed_out_once_after_two_months(self, ca: UUID, cast: Cast) -> None:
        unused, used = issue(cast, cast.aoki), issue(cast, cast.eto)
        certificates.note_use(certificate_id=used.id, at=MORNING)
        assert certificate_letters.note_unused(at=MORNING + timedelta(days=60)) == 0
        assert certificate_letters.note_unused(at=MORNING + timedelta(days=61)) == 1
        assert certificate_letters.note_unused(at=MORNING + timedelta(days=62)) == 0
        assert [letter.to_mail for letter in letters("certificate_unused")] == ["a001@example.jp"]
        assert Certificate.objects.get(id=unused.id).unused_noted_at == MORNING + timedelta(days=61)

    @pytest.mark.parametrize("duty", ["remind_due", "note_unused"])
    def test_a_round_costs_the_same_for_few_and_for_many(self, ca: UUID, cast: Cast, duty: str) -> None:
        until = MORNING + rules.LIFE
        at = until - timedelta(days=20) if duty == "remind_due" else MORNING + timedelta(days=70)
        counts = []
        for count in (2, 15):
            for _ in range(count):
                issue(cast, cast.aoki)
            with CaptureQueriesContext(connection) as queries:
                assert getattr(certificate_letters, duty)(at=at) == count
            counts.append(len(queries))
        assert counts[0] == counts[1]
