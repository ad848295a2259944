"""認証局: what it makes passes an independent linter and OpenSSL; what it publishes is fresh."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.cast import MORNING, Cast
from tests.rooms.credentials.test_certificates import issue
from warifu.audit.models import Entry
from warifu.credentials import authority
from warifu.credentials.actions import authorities, certificates
from warifu.credentials.models import Authority, RevocationList
from warifu.credentials.queries import authorities as queries
from warifu.credentials.rules import certificates as rules
from warifu.foundation.actor import OPERATOR

BIN = Path(sys.executable).parent
EARLIER = MORNING - timedelta(hours=1)


@pytest.fixture(autouse=True)
def _public_site(settings: Any) -> None:
    settings.WARIFU = settings.WARIFU.model_copy(update={"site_url": "https://warifu.example.jp"})


@pytest.fixture
def ca(cast: Cast) -> UUID:
    return authorities.init(name="Warifu Root CA", by=OPERATOR, at=EARLIER)


@pytest.fixture
def token(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A SoftHSM token of its own, empty, for one test."""
    (tmp_path / "tokens").mkdir()
    (tmp_path / "softhsm2.conf").write_text(
        f"directories.tokendir = {tmp_path / 'tokens'}\nobjectstore.backend = file\n"
    )
    monkeypatch.setenv("SOFTHSM2_CONF", str(tmp_path / "softhsm2.conf"))
    module = next(path for path in Path("/usr/lib").rglob("libsofthsm2.so"))
    init = ["softhsm2-util", "--init-token", "--free", "--label", "warifu", "--so-pin", "12345678", "--pin", "654321"]
    subprocess.run(init, check=True, capture_output=True)
    from pydantic import SecretStr

    settings.WARIFU = settings.WARIFU.model_copy(
        update={"pkcs11_module": str(module), "pkcs11_token": "warifu", "pkcs11_pin": SecretStr("654321")}
    )
    yield str(module)
    authority._token.cache_clear()


def pem(folder: Path, name: str, der: bytes) -> str:
    path = folder / name
    path.write_bytes(authority.in_pem(der))
    return str(path)


def crl(folder: Path, name: str, row: Authority) -> str:
    path = folder / name
    der = bytes(RevocationList.objects.get(authority=row).der)
    path.write_bytes(x509.load_der_x509_crl(der).public_bytes(serialization.Encoding.PEM))
    return str(path)


def linted(*command: str) -> str:
    done = subprocess.run([str(BIN / command[0]), *command[1:]], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


class TestProfile:
    @pytest.mark.shows("C-02")
    def test_an_independent_linter_finds_no_error(self, ca: UUID, cast: Cast, tmp_path: Path) -> None:
        made = issue(cast, cast.aoki)
        server = certificates.issue_server(names=["warifu.example.jp", "192.0.2.7"], at=MORNING)
        for reason in (*rules.Reason,):
            stopped = issue(cast, cast.eto)
            certificates.revoke(
                organisation_id=cast.aoba, certificate_id=stopped.id, reason=reason.word, by=cast.aoki, at=MORNING
            )
        own = x509.load_pem_x509_certificates(server.chain_pem)[0]
        ders = {"client": made.der, "issuing": made.chain[0], "root": made.chain[1]}
        ders["server"] = own.public_bytes(serialization.Encoding.DER)
        for name, der in ders.items():
            report = linted("lint_pkix_cert", "lint", "-s", "WARNING", pem(tmp_path, f"{name}.pem", der))
            assert report.strip() == "", name
        for row in Authority.objects.all():
            report = linted(
                "lint_crl", "lint", "-t", "CRL", "-p", "PKIX", "-s", "WARNING", crl(tmp_path, "list.pem", row)
            )
            assert report.strip() == "", row.name
        for signer, signee in (("root", "issuing"), ("issuing", "client"), ("issuing", "server")):
            report = linted(
                "lint_pkix_signer_signee_cert_chain", "lint", "-s", "WARNING",
                str(tmp_path / f"{signer}.pem"), str(tmp_path / f"{signee}.pem"),
            )  # fmt: skip
            assert report.strip() == "", signee


class TestOpenssl:
    """OpenSSL, which shares no code with this house's builder but the curve, agrees."""

    def verify(self, folder: Path, name: str, *words: str) -> subprocess.CompletedProcess[str]:
        at = str(int((MORNING + timedelta(minutes=1)).timestamp()))
        command = ["openssl", "verify", "-attime", at, "-CAfile", str(folder / "root.pem"), "-untrusted"]
        return subprocess.run(
            [*command, str(folder / "issuing.pem"), *words, str(folder / name)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    @pytest.mark.shows("C-02", "C-05")
    def test_verify_passes_until_the_serial_is_on_the_list(self, ca: UUID, cast: Cast, tmp_path: Path) -> None:
        made, other = issue(cast, cast.aoki), issue(cast, cast.eto)
        above = {"issuing": made.chain[0], "root": made.chain[1]}
        for name, der in {"client": made.der, "other": other.der, **above}.items():
            pem(tmp_path, f"{name}.pem", der)
        checks = ["-purpose", "sslclient", "-x509_strict", "-crl_check_all"]

        def lists() -> list[str]:
            rows = Authority.objects.order_by("id")
            return [word for n, row in enumerate(rows) for word in ("-CRLfile", crl(tmp_path, f"{n}.crl", row))]

        assert self.verify(tmp_path, "client.pem", *checks, *lists()).returncode == 0
        assert self.verify(tmp_path, "client.pem", "-purpose", "sslserver").returncode != 0
        certificates.revoke(organisation_id=cast.aoba, certificate_id=made.id, reason="lost", by=cast.aoki, at=MORNING)
        stopped = self.verify(tmp_path, "client.pem", *checks, *lists())
        assert stopped.returncode != 0
        assert "certificate revoked" in stopped.stderr
        assert self.verify(tmp_path, "other.pem", *checks, *lists()).returncode == 0


class TestInit:
    @pytest.mark.shows("C-01")
    def test_makes_a_root_and_a_shared_issuing_authority_once(self, ca: UUID) -> None:
        kinds = list(Authority.objects.order_by("id").values_list("kind", "organisation_id", "parent_id"))
        assert kinds == [("root", None, None), ("issuing", None, ca)]
        before = list(Authority.objects.values_list())
        with pytest.raises(authorities.AuthorityThere):
            authorities.init(name="Another", by=OPERATOR, at=MORNING)
        assert list(Authority.objects.values_list()) == before

    def test_is_recorded(self, ca: UUID) -> None:
        assert Entry.objects.filter(event="credentials.authority.made").count() == 2

    @pytest.mark.shows("C-02")
    def test_keys_stand_nowhere_in_the_clear(self, ca: UUID) -> None:
        for row in Authority.objects.all():
            assert row.sealed_key is not None
            with pytest.raises(ValueError, match="deserialize"):
                serialization.load_der_private_key(bytes(row.sealed_key)[17:], password=None)

    def test_nothing_is_issued_without_one(self, cast: Cast) -> None:
        with pytest.raises(authorities.AuthorityMissing):
            issue(cast, cast.aoki)
        assert not Authority.objects.exists()


class TestOfOrganisations:
    @pytest.fixture(autouse=True)
    def _apart(self, settings: Any, _public_site: None) -> None:
        settings.WARIFU = settings.WARIFU.model_copy(update={"ca_issuing": "per_organisation"})

    def test_each_has_its_own_made_when_first_needed(self, ca: UUID, cast: Cast) -> None:
        assert Authority.objects.count() == 1
        first, second = issue(cast, cast.aoki), issue(cast, cast.eto)
        theirs = issue(cast, cast.ueno, organisation_id=cast.ueda)
        assert first.chain == second.chain
        assert theirs.chain[0] != first.chain[0]
        assert theirs.chain[1] == first.chain[1]
        owners = Authority.objects.filter(kind="issuing").values_list("organisation_id", flat=True)
        assert set(owners) == {cast.aoba, cast.ueda}


class TestRotateDue:
    def test_the_next_one_is_made_while_the_last_can_still_give_a_whole_life(self, ca: UUID, cast: Cast) -> None:
        old = Authority.objects.get(kind="issuing")
        made = issue(cast, cast.aoki)
        early = old.valid_until - rules.LIFE - rules.ISSUING_SPARE - timedelta(days=1)
        assert authorities.rotate_due(at=early) == 0
        late = early + timedelta(days=2)
        assert authorities.rotate_due(at=late) == 1
        assert authorities.rotate_due(at=late) == 0
        new = Authority.objects.get(kind="issuing", retired_at=None)
        assert new.id != old.id
        assert issue(cast, cast.aoki, at=late).chain[0] == bytes(new.der)
        old.refresh_from_db()
        assert old.retired_at == late
        assert certificates.presented(der=made.der, at=MORNING) is not None

    def test_no_certificate_outlives_its_authority(self, ca: UUID, cast: Cast) -> None:
        late = Authority.objects.get(kind="issuing").valid_until - timedelta(days=100)
        made = issue(cast, cast.aoki, at=late)
        issuing = x509.load_der_x509_certificate(made.chain[0])
        assert made.valid_until <= issuing.not_valid_after_utc
        assert made.valid_until == late + rules.LIFE


class TestPublishDue:
    @pytest.mark.shows("C-05")
    def test_lists_are_renewed_long_before_they_end(self, ca: UUID) -> None:
        for row in RevocationList.objects.all():
            read = x509.load_der_x509_crl(bytes(row.der))
            assert read.next_update_utc is not None
            assert read.next_update_utc - read.last_update_utc <= timedelta(hours=24)
        assert authorities.publish_due(at=EARLIER + timedelta(hours=11)) == 0
        assert authorities.publish_due(at=EARLIER + timedelta(hours=13)) == 2
        assert authorities.publish_due(at=EARLIER + timedelta(hours=14)) == 0

    @pytest.mark.shows("C-05")
    def test_a_revoked_serial_is_on_the_next_list_at_once_with_its_reason(self, ca: UUID, cast: Cast) -> None:
        made = issue(cast, cast.aoki)
        row = Authority.objects.get(kind="issuing")
        before = x509.load_der_x509_crl(queries.revocation_list(key_id=row.subject_key_id))
        certificates.revoke(organisation_id=cast.aoba, certificate_id=made.id, reason="left", by=cast.aoki, at=MORNING)
        after = x509.load_der_x509_crl(queries.revocation_list(key_id=row.subject_key_id))
        assert before.get_revoked_certificate_by_serial_number(int(made.serial, 16)) is None
        found = after.get_revoked_certificate_by_serial_number(int(made.serial, 16))
        assert found is not None
        reason = found.extensions.get_extension_for_class(x509.CRLReason).value.reason
        assert reason is x509.ReasonFlags.affiliation_changed
        numbers = [read.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number for read in (before, after)]
        assert numbers[1] == numbers[0] + 1
        authorities.publish_all(at=made.valid_until + timedelta(days=3))
        later = x509.load_der_x509_crl(queries.revocation_list(key_id=row.subject_key_id))
        assert later.get_revoked_certificate_by_serial_number(int(made.serial, 16)) is None


class TestToken:
    """Keys in a PKCS#11 token: SoftHSM 2, the real library."""

    @pytest.mark.shows("C-02")
    def test_keys_are_made_in_the_token_sign_there_and_never_leave(
        self, token: str, cast: Cast, tmp_path: Path
    ) -> None:
        authorities.init(name="Token Root CA", by=OPERATOR, at=EARLIER)
        assert set(Authority.objects.values_list("sealed_key", flat=True)) == {None}
        made = issue(cast, cast.aoki)
        for name, der in {"client": made.der, "issuing": made.chain[0], "root": made.chain[1]}.items():
            pem(tmp_path, f"{name}.pem", der)
        assert TestOpenssl().verify(tmp_path, "client.pem", "-purpose", "sslclient").returncode == 0
        certificates.revoke(organisation_id=cast.aoba, certificate_id=made.id, reason="lost", by=cast.aoki, at=MORNING)
        issuing = Authority.objects.get(kind="issuing")
        listed = x509.load_der_x509_crl(queries.revocation_list(key_id=issuing.subject_key_id))
        public = x509.load_der_x509_certificate(bytes(issuing.der)).public_key()
        assert listed.is_signature_valid(public)  # type: ignore[arg-type]
        private = authority._opened(authorities.signer_of(row=issuing).key)
        with pytest.raises(authority.TokenUnreachable):
            private.private_bytes(
                serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        import pkcs11

        kinds = pkcs11.Attribute
        handle: Any = private._handle  # type: ignore[attr-defined]
        assert (handle[kinds.SENSITIVE], handle[kinds.EXTRACTABLE], handle[kinds.NEVER_EXTRACTABLE]) == (
            True,
            False,
            True,
        )
        with pytest.raises(pkcs11.exceptions.AttributeSensitive):
            _ = handle[kinds.VALUE]

    def test_a_wrong_pin_is_a_refusal_and_changes_nothing(self, token: str, settings: Any, db: None) -> None:
        from pydantic import SecretStr

        settings.WARIFU = settings.WARIFU.model_copy(update={"pkcs11_pin": SecretStr("000000")})
        with pytest.raises(authority.TokenUnreachable):
            authorities.init(name="Token Root CA", by=OPERATOR, at=EARLIER)
        assert not Authority.objects.exists()
