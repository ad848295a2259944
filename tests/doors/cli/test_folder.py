"""`warifu folder`: mail comes in by a pipe, originals are compared with their hashes."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from django.conf import settings

from tests.cast import Cast
from tests.rooms.folders.office import Office, open_office
from tests.rules.folders.test_rules import MAIL
from warifu.cli.folder import folder
from warifu.folders import storage

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(cast: Cast) -> Office:
    """The office."""
    return open_office(cast)


class TestMailIn:
    def test_keeps_a_mail_once(self, office: Office) -> None:
        words = ["mail-in", "--code", office.folder.mail_code]
        for _ in range(2):
            done = CliRunner().invoke(folder, words, input=MAIL)
            assert done.exit_code == 0, done.output
        assert office.folder.count == 1

    def test_a_full_store_asks_the_mail_server_to_try_again(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(storage, "keep", lambda **_: (_ for _ in ()).throw(storage.StoreFull()))
        done = CliRunner().invoke(folder, ["mail-in", "--code", office.folder.mail_code], input=MAIL)
        assert done.exit_code == 75


class TestCheck:
    def test_names_what_does_not_fit(self, office: Office) -> None:
        office.receive(b"bytes")
        assert CliRunner().invoke(folder, ["check", str(office.folder_id)]).exit_code == 0
        (Path(settings.WARIFU.data_dir) / "folders" / office.record(1).stored_as).unlink()
        done = CliRunner().invoke(folder, ["check", str(office.folder_id)])
        assert (done.exit_code, "番号 1" in done.output) == (1, True)
