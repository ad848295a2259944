"""With what the server speaks TLS: named files or a certificate of our own, renewed in time and while it runs."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from django.conf import settings
from django.utils import timezone

from tests.cast import MORNING
from warifu.cli import tls
from warifu.cli.tls import Files, SiteNotHttps, TlsFilesUnusable, TlsHalf
from warifu.credentials.actions import authorities
from warifu.credentials.actions.authorities import AuthorityMissing
from warifu.credentials.models import Authority, Certificate
from warifu.foundation.actor import OPERATOR

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[datetime], None]:
    """An installation at https://warifu.example, on the morning of the cast."""
    kept = {"site_url": "https://warifu.example", "data_dir": tmp_path}
    keys = {f"{name}_key_file": settings.WARIFU.key_file(name) for name in ("credentials", "trail")}
    own = settings.WARIFU.model_copy(update=kept | keys)
    monkeypatch.setattr(settings, "WARIFU", own)

    def become(at: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: at)

    become(MORNING)
    return become


@pytest.fixture
def ca() -> None:
    authorities.init(name="Aoba Root CA", by=OPERATOR, at=MORNING - timedelta(days=1))


def chosen(*, own: bool = False, certificate: Path | None = None, key: Path | None = None) -> Files | None:
    return tls.chosen(own=own, certificate=certificate, key=key, host="127.0.0.1", port=8443)


def seen_by_a_client(server: tls.Tls) -> bytes:
    """Shake hands in memory; the server's certificate (DER)."""
    client_context = ssl.create_default_context()
    client_context.check_hostname, client_context.verify_mode = False, ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname="warifu.example")
    other = server.outer.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client, other):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    der = client.getpeercert(binary_form=True)
    assert der
    return der


class TestChosen:
    def test_without_a_wish_it_is_http(self) -> None:
        assert chosen() is None

    def test_named_files_come_before_a_certificate_of_our_own(self, tmp_path: Path) -> None:
        found = chosen(own=True, certificate=tmp_path / "c", key=tmp_path / "k")
        assert found == Files(certificate=tmp_path / "c", key=tmp_path / "k")

    def test_settings_name_them_too(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        named = {"tls_certificate": tmp_path / "c", "tls_key": tmp_path / "k"}
        monkeypatch.setattr(settings, "WARIFU", settings.WARIFU.model_copy(update=named))
        assert chosen() == Files(certificate=tmp_path / "c", key=tmp_path / "k")

    def test_half_a_pair_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(TlsHalf):
            chosen(certificate=tmp_path / "c")
        with pytest.raises(TlsHalf):
            chosen(own=True, key=tmp_path / "k")

    def test_a_site_of_http_is_refused_with_the_line_to_type(self, monkeypatch: pytest.MonkeyPatch) -> None:
        plain = settings.WARIFU.model_copy(update={"site_url": "http://localhost:8000"})
        monkeypatch.setattr(settings, "WARIFU", plain)
        with pytest.raises(SiteNotHttps) as refused:
            chosen(own=True)
        line = refused.value.remedy.format(**refused.value.values)
        assert "WARIFU_SITE_URL=https://localhost:8443 warifu serve --tls" in line

    def test_without_an_authority_there_is_no_certificate_of_our_own(self) -> None:
        with pytest.raises(AuthorityMissing):
            chosen(own=True)


@pytest.mark.usefixtures("ca")
class TestOfOurOwn:
    def test_it_names_the_site_and_this_machine_and_only_we_can_read_the_key(self) -> None:
        files = tls.of_our_own()
        read = x509.load_pem_x509_certificates(files.certificate.read_bytes())
        names = read[0].extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["warifu.example", "localhost"]
        assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]
        assert len(read) == 2, "with the issuing authority"
        assert files.key.stat().st_mode & 0o777 == 0o600

    def test_it_is_kept_until_thirty_days_before_its_end(self, now: Callable[[datetime], None]) -> None:
        first = tls.of_our_own().certificate.read_bytes()
        until = Certificate.objects.get().valid_until
        now(until - timedelta(days=31))
        assert tls.of_our_own().certificate.read_bytes() == first
        now(until - timedelta(days=29))
        assert tls.of_our_own().certificate.read_bytes() != first

    def test_it_is_made_anew_for_another_name_and_another_authority(self, monkeypatch: pytest.MonkeyPatch) -> None:
        first = tls.of_our_own().certificate.read_bytes()
        moved = settings.WARIFU.model_copy(update={"site_url": "https://neu.example"})
        monkeypatch.setattr(settings, "WARIFU", moved)
        second = tls.of_our_own().certificate.read_bytes()
        assert second != first
        Authority.objects.filter(kind="root").update(der=b"another")
        assert not tls._is_good(_files(), tls._names())

    def test_how_to_trust_it_is_said(self) -> None:
        files = tls.of_our_own()
        assert files.root is not None
        words = tls.how_to_trust(files.root)
        assert str(files.root) in words
        assert "https://warifu.example/ca/root.crt" in words


def _files() -> Files:
    folder = settings.WARIFU.data_dir / "tls"
    return Files(certificate=folder / "server.pem", key=folder / "server.key", root=folder / "root.pem")


@pytest.mark.usefixtures("ca")
class TestTls:
    @pytest.mark.shows("V-10")
    def test_it_speaks_nothing_older_than_1_2_and_asks_for_certificates(self) -> None:
        found = tls.Tls(tls.of_our_own()).outer
        assert found.minimum_version == ssl.TLSVersion.TLSv1_2
        assert found.verify_mode == ssl.CERT_OPTIONAL
        assert {each["serialNumber"] for each in found.get_ca_certs()}, "our authorities are its trust"

    def test_files_that_do_not_fit_are_refused(self, tmp_path: Path) -> None:
        good = tls.of_our_own()
        (tmp_path / "junk").write_text("junk", encoding="ascii")
        for certificate, key in (
            (tmp_path / "missing", good.key),
            (good.certificate, tmp_path / "junk"),
            (tmp_path / "junk", good.key),
            (good.root or good.key, good.key),
        ):
            with pytest.raises(TlsFilesUnusable):
                tls.Tls(Files(certificate=certificate, key=key))

    def test_a_running_server_takes_a_new_certificate_and_survives_a_bad_one(
        self, now: Callable[[datetime], None]
    ) -> None:
        server = tls.Tls(tls.of_our_own())
        first = seen_by_a_client(server)
        server._take_what_is_new()
        assert seen_by_a_client(server) == first
        now(MORNING + timedelta(days=370))
        server._take_what_is_new()
        second = seen_by_a_client(server)
        assert second != first
        _files().key.write_text("junk", encoding="ascii")
        server._take_what_is_new()
        assert seen_by_a_client(server) == second

    def test_a_running_server_learns_of_a_new_authority(self) -> None:
        server = tls.Tls(tls.of_our_own())
        Authority.objects.filter(kind="issuing").update(valid_until=MORNING)
        server._take_what_is_new()
        assert len(server._newest.get_ca_certs()) == 1


def test_without_an_authority_browsers_are_asked_for_nothing(ca: None) -> None:
    files = tls.of_our_own()
    Authority.objects.update(valid_until=MORNING)
    found = tls.Tls(Files(certificate=files.certificate, key=files.key))
    assert found.outer.verify_mode == ssl.CERT_NONE
