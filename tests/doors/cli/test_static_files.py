"""Static files are gathered for browsers once, and anew when they have changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from warifu.cli import static_files


@pytest.fixture
def sheet(settings: Any, tmp_path: Path) -> Path:
    """The one file of a house whose static files are to be gathered below `tmp_path`."""
    (tmp_path / "sources").mkdir()
    settings.STATICFILES_DIRS = [tmp_path / "sources"]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    settings.STATIC_ROOT = tmp_path / "static"
    file = tmp_path / "sources" / "sheet.css"
    file.write_text("p { color: black }\n" * 40, encoding="ascii")
    return file


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


class TestGather:
    def test_the_same_files_are_gathered_once(self, sheet: Path, tmp_path: Path) -> None:
        assert static_files.gather()
        gathered = names(tmp_path / "static")
        assert {"sheet.css", "sheet.css.gz", "staticfiles.json"} < set(gathered)
        kept = tmp_path / "static" / "sheet.css.gz"
        kept.write_bytes(b"left as it is")
        assert not static_files.gather()
        assert kept.read_bytes() == b"left as it is"
        assert names(tmp_path / "static") == gathered

    def test_a_changed_file_gets_a_new_name(self, sheet: Path, tmp_path: Path) -> None:
        static_files.gather()
        before = names(tmp_path / "static")
        sheet.write_text("p { color: white }\n" * 40, encoding="ascii")
        assert static_files.gather()
        assert len(set(names(tmp_path / "static")) - set(before)) == len({"css", "br", "gz"})
        assert not static_files.gather()

    @pytest.mark.parametrize("lost", ["static/staticfiles.json", "static.sources"])
    def test_what_broke_off_is_done_again(self, sheet: Path, tmp_path: Path, lost: str) -> None:
        static_files.gather()
        (tmp_path / lost).unlink()
        assert static_files.gather()
        assert (tmp_path / lost).is_file()
