"""How screens show an electronic certificate: its state as words, badge and icon, and the form that stops it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from warifu.credentials.queries.certificates import CertificateLine
from warifu.credentials.rules.certificates import Reason


@dataclass(frozen=True, kw_only=True)
class Look:
    """A state: its words, the kind and the icon of its badge."""

    word: Any
    kind: str
    icon: str


_LOOKS: dict[str, Look] = {
    "running": Look(word=_("使えます"), kind="done", icon="check"),
    "ending": Look(word=_("更新の時期です"), kind="heed", icon="clock"),
    "replaced": Look(word=_("更新前のもの"), kind="info", icon="clock"),
    "over": Look(word=_("期限切れ"), kind="", icon="clock"),
    "revoked": Look(word=_("失効"), kind="late", icon="lock"),
}


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A certificate as a screen shows it at a moment."""

    line: CertificateLine
    state: str
    look: Look
    is_unused: bool

    @property
    def is_live(self) -> bool:
        """Whether it can still be stopped."""
        return self.state not in ("revoked", "over")


def shown(line: CertificateLine, at: datetime) -> Shown:
    """A line with its words; `is_unused` when two months have passed without any use."""
    state = line.state(at)
    is_unused = line.unused_noted_at is not None and line.first_used_at is None and state in ("running", "ending")
    return Shown(line=line, state=state, look=_LOOKS[state], is_unused=is_unused)


class RevokeForm(forms.Form):
    """Why a certificate is stopped."""

    reason = forms.ChoiceField(
        label=_("失効の理由"),
        choices=[(reason.word, _(reason.label)) for reason in Reason],
        widget=forms.RadioSelect,
        error_messages={"required": _("理由を一つ選んでください。")},
    )
