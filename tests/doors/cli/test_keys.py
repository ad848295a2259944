"""`warifu keys`."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from django.conf import settings

from tests.cast import MORNING, Cast, test_number
from warifu.cli.keys import keys
from warifu.foundation.purposes import Purpose
from warifu.vault import sealing
from warifu.vault.actions import keys as vault_keys
from warifu.vault.actions import numbers
from warifu.vault.models import OrganisationKey
from warifu.vault.rules import MyNumber


def run(*words: str) -> Result:
    return CliRunner().invoke(keys, words)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation whose keys lie in a folder of their own."""
    changed = settings.WARIFU.model_copy(
        update={
            "master_key_file": tmp_path / "master.key",
            "trail_key_file": tmp_path / "trail.key",
            "credentials_key_file": tmp_path / "credentials.key",
        }
    )
    monkeypatch.setattr(settings, "WARIFU", changed)
    sealing._known.clear()
    return tmp_path


class TestCreate:
    def test_makes_both_keys_for_this_user_alone(self, elsewhere: Path) -> None:
        told = run("create")
        assert told.exit_code == 0
        for name in ("master.key", "trail.key", "credentials.key"):
            assert (elsewhere / name).stat().st_mode & 0o777 == 0o600
            assert str(elsewhere / name) in told.output
        assert len(settings.WARIFU.trail_key_bytes) == 32
        assert sealing.master_keys().current() == "1"
        for secret in (elsewhere / "master.key").read_text().split():
            assert len(secret) < 64 or secret not in told.output

    @pytest.mark.parametrize("name", ["master.key", "trail.key", "credentials.key"])
    def test_refuses_to_overwrite_either(self, elsewhere: Path, name: str) -> None:
        (elsewhere / name).write_text("kept")
        told = run("create")
        assert isinstance(told.exception, vault_keys.KeyFileExists)
        assert [path.name for path in elsewhere.iterdir()] == [name]
        assert (elsewhere / name).read_text() == "kept"


@pytest.mark.django_db
class TestRotate:
    @pytest.fixture
    def sealed(self, cast: Cast) -> Cast:
        assert cast.inoue.id is not None
        numbers.seal(
            number=MyNumber.parse(test_number("12345678901"), accepts_test=True),
            organisation_id=cast.aoba,
            subject_id=cast.inoue.id,
            purposes=[Purpose.WITHHOLDING_SLIP],
            by=cast.inoue,
            at=MORNING,
        )
        return cast

    def test_of_the_master_key(self, elsewhere: Path, request: pytest.FixtureRequest) -> None:
        run("create")
        request.getfixturevalue("sealed")
        told = run("rotate", "--master")
        assert told.exit_code == 0, told.output
        assert "1 本" in told.output
        assert OrganisationKey.objects.get().master_id == "2"
        assert len((elsewhere / "master.key").read_text().splitlines()) == 2

    def test_of_an_organisation(self, sealed: Cast) -> None:
        told = run("rotate", "--organisation", "aoba")
        assert told.exit_code == 0, told.output
        assert "1 本" in told.output
        assert OrganisationKey.objects.count() == 2

    @pytest.mark.parametrize("words", [(), ("--master", "--organisation", "aoba"), ("--organisation", "nobody")])
    def test_says_what_it_needs(self, sealed: Cast, words: tuple[str, ...]) -> None:
        assert run("rotate", *words).exit_code == 2
        assert OrganisationKey.objects.count() == 1
