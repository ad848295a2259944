"""Somebody in front of the window that a browser's host opens: `python3 -m tests.agent.host_scene FOLDER CALLER…`.

Answers come from `answers.json` in the folder, what the window showed goes to `pages.json` there. Everything else is
the program's own: settings, card, frames. `window` instead of a caller opens the program as by a click.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
from pathlib import Path

from tests.agent.window_scene import Hand
from warifu_agent import card_program
from warifu_agent.dialogue import Dialogue
from warifu_agent.program import main, window
from warifu_agent.window import Window
from warifu_agent.words import Language


class Watching(Hand):
    """Keeps a picture of every page."""

    pictures = tuple(range(1, 20))


def at_the_window(folder: Path) -> None:
    """Let somebody answer in every window that is opened."""
    answers = json.loads((folder / "answers.json").read_text(encoding="utf-8"))

    def talk(language: Language, *, is_window: bool, is_urgent: bool = False) -> Dialogue:
        assert is_window
        window = Window(language, is_urgent=is_urgent)
        hand = Watching(window, answers, folder)
        pages = folder / "pages.json"
        atexit.register(lambda: pages.write_text(json.dumps(hand.pages, ensure_ascii=False), encoding="utf-8"))
        return window

    card_program.talk = talk


if __name__ == "__main__":
    where, *words = sys.argv[1:]
    os.environ.setdefault("LANG", "ja_JP.UTF-8")
    at_the_window(Path(where))
    if words == ["window"]:
        window()
    main(["host", *words], prog_name="warifu-agent")
