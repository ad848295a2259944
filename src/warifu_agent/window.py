"""The program in a window (tkinter): one page for each question, the same story as in the terminal."""

from __future__ import annotations

import tkinter as tk
from collections.abc import Callable, Sequence
from tkinter import ttk

from warifu_agent.dialogue import Choice, T
from warifu_agent.faults import Fault, Stopped
from warifu_agent.words import Language, Words

_TITLE = Words("割符 電子証明書とカード", "Warifu certificates and cards")
_NEXT = Words("次へ", "Next")
_YES = Words("はい", "Yes")
_NO = Words("いいえ", "No")
_STOP = Words("やめる", "Stop")
_CLOSE = Words("閉じる", "Close")
_STEP = Words("手順 {step}/{of}", "Step {step} of {of}")
_CODE = Words("エラー番号", "Error code")
_WIDTH = 560
_PAUSE = 250


class Window:
    """One window; what was told stands above the question that follows it."""

    def __init__(self, language: Language, *, is_urgent: bool = False) -> None:
        """`is_urgent`: it comes up over whatever the person is doing, for a page waits for the answer."""
        self.language = language
        self.root = tk.Tk()
        self.root.title(_TITLE.to(language))
        self.root.attributes("-topmost", is_urgent)
        self.root.minsize(_WIDTH + 60, 420)
        self.root.protocol("WM_DELETE_WINDOW", self._stop)
        self._heading = ttk.Label(self.root, font=("TkDefaultFont", 15, "bold"), wraplength=_WIDTH)
        self._heading.pack(anchor="w", padx=24, pady=(20, 8))
        self._told = ttk.Frame(self.root)
        self._told.pack(fill="x", padx=24)
        self._page = ttk.Frame(self.root)
        self._page.pack(fill="both", expand=True, padx=24, pady=12)
        self._answer: tk.StringVar = tk.StringVar()
        self._is_stopped = False

    def heading(self, words: Words, *, step: int, of: int) -> None:
        """The page's heading; what was told before goes."""
        place = _STEP.filled(step=step, of=of).to(self.language)
        self._heading.configure(text=f"{place}  {words.to(self.language)}")
        _clear(self._told)

    def tell(self, words: Words) -> None:
        """Words above the next question; they can be copied."""
        self._say(words.to(self.language))

    def tell_fault(self, fault: Fault) -> None:
        """Sentence, remedy and code."""
        sentence, remedy = fault.words
        _clear(self._told)
        code = f"{_CODE.to(self.language)}: {fault.name}" + (f" ({fault.known[0]})" if fault.known else "")
        self._say(f"{sentence.to(self.language)}\n{remedy.to(self.language)}\n{code}", colour="#b3261e")

    def ask(self, question: Words, *, default: str = "") -> str:
        """A field."""
        answer = ""
        while not answer:
            answer = self._field(question, default, "").strip()
        return answer

    def ask_secret(self, question: Words) -> str:
        """A field that shows dots."""
        return self._field(question, "", "•")

    def ask_code(self, question: Words) -> str:
        """A field in sight; it may be empty."""
        return self._field(question, "", "")

    def choose(self, question: Words, choices: Sequence[Choice], *, default: str) -> str:
        """Radio buttons."""
        chosen = tk.StringVar(value=default)
        self._ask(question)
        for value, words in choices:
            ttk.Radiobutton(self._page, text=words.to(self.language), value=value, variable=chosen).pack(
                anchor="w", pady=4
            )
        return self._wait(chosen.get)

    def confirm(self, question: Words) -> bool:
        """Two buttons."""
        return self.choose(question, [("yes", _YES), ("no", _NO)], default="yes") == "yes"

    def wait(self, words: Words, until: Callable[[], T | None]) -> T:
        """Words with a bar that runs to and fro, and a button to stop."""
        self._ask(words)
        bar = ttk.Progressbar(self._page, mode="indeterminate", length=_WIDTH)
        bar.pack(anchor="w", pady=12)
        bar.start(20)
        ttk.Button(self._page, text=_STOP.to(self.language), command=self._stop).pack(anchor="e", pady=16)
        done = self._done = tk.BooleanVar(value=False)
        while not self._is_stopped:
            found = until()
            if found is not None:
                _clear(self._page)
                return found
            self.root.after(_PAUSE, lambda: done.set(True))
            self.root.wait_variable(done)
        raise Stopped

    def progress(self, words: Words, *, done: int, of: int) -> None:
        """Words over a bar that fills."""
        bars = [part for part in self._page.winfo_children() if isinstance(part, ttk.Progressbar)]
        if not bars:
            self._ask(words)
            bars = [ttk.Progressbar(self._page, length=_WIDTH)]
            bars[0].pack(anchor="w", pady=12)
        bars[0].configure(maximum=of, value=min(done, of))
        self.root.update()
        if done >= of:
            _clear(self._page)

    def finish(self) -> None:
        """Leave what was told in sight until the person closes the window."""
        _clear(self._page)
        self._wait(lambda: "", button=_CLOSE)
        self.root.destroy()

    def _field(self, question: Words, default: str, shown_as: str) -> str:
        self._ask(question)
        field = ttk.Entry(self._page, width=48, show=shown_as)
        field.insert(0, default)
        field.pack(anchor="w", pady=6)
        field.focus_set()
        return self._wait(field.get)

    def _ask(self, question: Words) -> None:
        _clear(self._page)
        ttk.Label(self._page, text=question.to(self.language), wraplength=_WIDTH).pack(anchor="w", pady=(8, 4))

    def _say(self, text: str, *, colour: str = "") -> None:
        lines = text.splitlines() or [""]
        box = tk.Text(
            self._told, height=sum(1 + len(line) // 42 for line in lines), width=64, wrap="char", relief="flat"
        )
        box.insert("1.0", text)
        box.configure(state="disabled", background=self.root.cget("background"))
        if colour:
            box.configure(foreground=colour)
        box.pack(anchor="w", fill="x", pady=4)
        self.root.update()

    def _wait(self, read: Callable[[], str], *, button: Words = _NEXT) -> str:
        done = tk.BooleanVar(value=False)
        press = ttk.Button(self._page, text=button.to(self.language), command=lambda: done.set(True))
        press.pack(anchor="e", pady=16)
        self.root.bind("<Return>", lambda _event: done.set(True))
        self._done = done
        self.root.wait_variable(done)
        if self._is_stopped:
            raise Stopped
        answer = read()
        _clear(self._page)
        return answer

    def _stop(self) -> None:
        self._is_stopped = True
        if hasattr(self, "_done"):
            self._done.set(True)


def _clear(frame: ttk.Frame) -> None:
    for child in frame.winfo_children():
        child.destroy()
