"""Somebody in front of the window, in an interpreter that has tkinter: `python3 -m tests.agent.window_scene FOLDER`.

Prints what the window showed on each page as JSON. A picture of the last page is kept in the folder, where the
interpreter has Pillow with X support.
"""

from __future__ import annotations

import json
import sys
import tkinter as tk
from contextlib import suppress
from pathlib import Path
from tkinter import ttk

from tests.agent.house import SmallHouse
from warifu_agent import flow
from warifu_agent.faults import Fault, Stopped
from warifu_agent.flow import Wish
from warifu_agent.stores.file import FileStore
from warifu_agent.window import Window

Page = dict[str, list[str]]


class Hand:
    """Fills the field of each page in turn and presses the button; None closes the window."""

    pictures: tuple[int, ...] = (4, 10, 14)

    def __init__(self, window: Window, answers: list[str | None], folder: Path) -> None:
        self.window, self.answers, self.folder = window, answers, folder
        self.pages: list[Page] = []
        window.root.after(200, self.act)

    def act(self) -> None:
        """Look at the page, answer it, and come again; while something runs, nothing is pressed."""
        parts = self.window._page.winfo_children()
        buttons = [part for part in parts if isinstance(part, ttk.Button)]
        is_running = any(isinstance(part, ttk.Progressbar) for part in parts)
        if buttons and not is_running:
            self._answer(parts, buttons[0])
        self.window.root.after(100, self.act)

    def _answer(self, parts: list[tk.Widget], button: ttk.Button) -> None:
        fields = [part for part in parts if isinstance(part, ttk.Entry)]
        told = [
            part.get("1.0", "end").strip() for part in self.window._told.winfo_children() if isinstance(part, tk.Text)
        ]
        asked = [str(part.cget("text")) for part in parts if not isinstance(part, ttk.Entry)]
        hidden = [str(part.cget("show")) for part in fields]
        self.pages.append({"told": told, "asked": asked, "hidden": hidden})
        answer = self.answers.pop(0) if self.answers else ""
        if answer is None:
            self.window._stop()
            return
        choices = [part for part in parts if isinstance(part, ttk.Radiobutton) and part.cget("value") == answer]
        if choices:
            choices[0].invoke()
        if fields and answer:
            fields[0].delete(0, "end")
            fields[0].insert(0, answer)
        if len(self.pages) in self.pictures:
            self._keep_picture()
        button.invoke()

    def _keep_picture(self) -> None:
        self.window.root.update()
        with suppress(ImportError, OSError):
            from PIL import ImageGrab

            ImageGrab.grab(xdisplay="").save(self.folder / f"window-{len(self.pages)}.png")


def main(folder: Path, closes: bool) -> None:
    """Go through the whole story, or close the window in the middle."""
    window = Window("ja")
    story: list[str | None] = ["aoba", "aoki", "bad", "", "", "good", "123456", "Aoba Trading", "窓のパソコン", "", ""]
    hand = Hand(window, ["aoba", None] if closes else [*story, str(folder / "window.p12"), "", "", "", ""], folder)
    outcome = "done"
    try:
        flow.enrol(server=SmallHouse(), dialogue=window, stores=[FileStore()], wish=Wish())  # type: ignore[arg-type]
        window.finish()
    except Stopped:
        outcome = "stopped"
    except Fault as fault:
        outcome = fault.name
    sys.stdout.write(json.dumps({"outcome": outcome, "pages": hand.pages}, ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), closes="closes" in sys.argv[2:])
