"""`warifu ca`."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from cryptography import x509

from warifu.cli.authority import ca
from warifu.credentials.actions import authorities
from warifu.credentials.models import Authority, RevocationList
from warifu.credentials.queries import authorities as queries

pytestmark = pytest.mark.django_db


def run(*words: str) -> Result:
    return CliRunner().invoke(ca, words)


class TestInit:
    def test_makes_the_authorities_and_shows_them(self) -> None:
        told = run("init", "--name", "青葉 Root CA")
        assert told.exit_code == 0, told.output
        assert "ルート認証局 青葉 Root CA" in told.output
        for line in queries.authorities():
            assert line.fingerprint in told.output

    def test_refuses_a_second_time(self) -> None:
        run("init")
        before = list(Authority.objects.values_list())
        told = run("init")
        assert isinstance(told.exception, authorities.AuthorityThere)
        assert list(Authority.objects.values_list()) == before


class TestShow:
    def test_says_that_there_is_none(self) -> None:
        assert "warifu ca init" in run("show").output

    def test_says_it_to_programs(self) -> None:
        run("init")
        lines = json.loads(run("show", "--json").output)
        assert [(line["kind"], line["key_place"]) for line in lines] == [("root", "sealed"), ("issuing", "sealed")]


class TestExportRoot:
    def test_writes_the_root_once(self, tmp_path: Path) -> None:
        run("init")
        path = tmp_path / "root.pem"
        assert run("export-root", str(path)).exit_code == 0
        read = x509.load_pem_x509_certificate(path.read_bytes())
        assert read.subject == read.issuer
        assert run("export-root").output.encode() == path.read_bytes()
        path.write_text("kept")
        assert run("export-root", str(path)).exit_code == 2
        assert path.read_text() == "kept"


class TestCrl:
    @pytest.mark.shows("C-05")
    def test_makes_all_lists_anew(self) -> None:
        run("init")
        before = dict(RevocationList.objects.values_list("authority_id", "number"))
        assert "2 本" in run("crl").output
        after = dict(RevocationList.objects.values_list("authority_id", "number"))
        assert after == {authority_id: number + 1 for authority_id, number in before.items()}
        for row in RevocationList.objects.all():
            assert row.next_update - row.this_update == timedelta(hours=24)
