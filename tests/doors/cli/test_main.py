"""The `warifu` command: its list, its help, and how it refuses."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner

from warifu.cli import main
from warifu.cli.serve import DatabaseBehind

runner = CliRunner()


def test_the_list_of_commands_needs_no_settings() -> None:
    told = runner.invoke(main.cli, ["--help"])
    assert told.exit_code == 0
    for name in main.COMMANDS:
        assert name in told.output


@pytest.mark.parametrize("name", list(main.COMMANDS))
def test_every_command_has_help_worth_reading(name: str) -> None:
    told = runner.invoke(main.cli, [name, "--help"])
    assert told.exit_code == 0, told.output
    assert len(told.output.splitlines()) > 5


def test_an_unknown_command_is_wrong_usage() -> None:
    assert runner.invoke(main.cli, ["unknown"]).exit_code == 2


def test_a_refusal_is_one_sentence_and_exit_code_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse() -> None:
        raise DatabaseBehind(count=3)

    monkeypatch.setattr("warifu.cli.serve.bring_up_to_date", refuse)
    monkeypatch.setattr(sys, "argv", ["warifu", "serve"])
    with pytest.raises(SystemExit) as ended:
        main.main()
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("WF-X101 ")
    assert "未適用の変更が3件" in said
    assert len(said.splitlines()) == 1
