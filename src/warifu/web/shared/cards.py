"""What pages with a card have in common: the browser's secret, the code, what went wrong, the four secrets (I-13)."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from warifu.cards.actions import challenges, pulls
from warifu.cards.queries import pulls as queries
from warifu.cards.queries.pulls import PullState
from warifu.cards.rules.purposes import What
from warifu.credentials.actions import attempts
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.web.shared import tool_faults, visitor
from warifu.web.shared.doors import Visit
from warifu.web.shared.refusals import in_words

COOKIE = f"{'__Host-' if settings.WARIFU.is_https else ''}warifu_card"
_LASTS = timedelta(hours=1)
_PLACEHOLDER = re.compile(r"\{\w+[^}]*\}")


@dataclass(frozen=True, kw_only=True)
class Secret:
    """One of the four secrets on a card: how it looks and when it locks (004-6)."""

    key: str
    name: str
    form: str
    locks: str


FOUR_SECRETS = (
    Secret(key="auth", name=_("利用者証明用"), form=_("数字4桁"), locks=_("続けて3回まちがえるとロック")),
    Secret(key="profile", name=_("券面事項入力補助用"), form=_("数字4桁"), locks=_("続けて3回まちがえるとロック")),
    Secret(key="resident", name=_("住民基本台帳用"), form=_("数字4桁"), locks=_("続けて3回まちがえるとロック")),
    Secret(key="sign", name=_("署名用"), form=_("英大文字と数字で6〜16文字"), locks=_("続けて5回まちがえるとロック")),
)
WANTED: dict[What, tuple[str, ...]] = {
    What.LOGIN: ("auth",),
    What.ENROL: ("auth",),
    What.MYKEY: ("auth",),
    What.VERIFY: ("auth", "profile"),
    What.HAND_IN: ("profile",),
}
"""Which secrets are asked for, so that nobody tries another one and locks it."""

NEXT: dict[str, str] = {
    "MKCZ802E": _("少し待って、もう一度読み取る"),
    "MKCZ405E": _("カードを動かさずに、もう一度読み取る"),
    "MKCZ403E": _("カードを使わない方法に変える"),
    "MKCZ302E": _("予約済みのマイキーIDを見る"),
    "MKCZ372E": _("はじめからやり直す"),
}
"""The one next thing to do for each class of trouble (004-13 … 004-17)."""
LEADS_TO = {"MKCZ403E": "mypage:home.page", "MKCZ302E": "mypage:mykey.page"}
"""Where that next thing is done, when a new code does not help."""
AGAIN = _("新しいコードでやり直す")


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """What went wrong with a reading, in the reader's words: our code, the one that people know, one next action."""

    code: str
    known: str
    sentence: str
    remedy: str
    action: str
    leads_to: str = ""

    @property
    def article(self) -> str:
        """The address of the article about it."""
        return reverse("helpcentre:refusals.article", kwargs={"code": self.code})


def trouble_of(code: str) -> Trouble | None:
    """What a code says, whether it is ours, the card's, or the tool's."""
    if not code:
        return None
    refusal = next((one for one in Refused.catalogue() if one.code == code), None)
    if refusal is not None:
        known, sentence, remedy = getattr(refusal, "known", ()), gettext(refusal.sentence), gettext(refusal.remedy)
    else:
        fault = tool_faults.of_code(code)
        if fault is None:
            return None
        known, sentence, remedy = fault.known, fault.sentence, fault.remedy
    first = known[0] if known else ""
    return Trouble(
        code=code,
        known=first,
        sentence=_PLACEHOLDER.sub("…", sentence),
        remedy=_PLACEHOLDER.sub("…", remedy),
        action=gettext(NEXT.get(first, AGAIN)),
        leads_to=reverse(LEADS_TO[first]) if first in LEADS_TO else "",
    )


def secrets_for(what: What) -> list[tuple[Secret, bool]]:
    """The four secrets, and which of them are wanted now."""
    return [(secret, secret.key in WANTED[what]) for secret in FOUR_SECRETS]


def pull_context(request: Visit, what: What) -> dict[str, object]:
    """What `shared/parts/card_pull.html` draws: the code that the address names, and how it ended."""
    found = None
    try:
        pull_id = UUID(request.GET.get("pull", ""))
        found = queries.state_of(pull_id=pull_id, session_id=request.session_id, at=request.at)
    except (ValueError, NotFound):
        pass
    return {
        "pull": found,
        "is_done": found is not None and found.state == "done",
        "command": f"warifu-agent card --code {found.shown}" if found else "",
        "trouble": trouble_of(found.code) if found and found.state == "failed" else None,
        "secrets": secrets_for(what),
        "wanted": [secret for secret, is_wanted in secrets_for(what) if is_wanted],
    }


def with_new_code(request: Visit, what: What, *, order: str = "", subject_id: UUID | None = None) -> HttpResponse:
    """Make a code and lead to the page that shows it. Raises `CardsNotSetUp`, `TooManyAttempts`."""
    attempts.take(purpose="question.address", subject=visitor.address_of(request), at=request.at)
    shown = pulls.show(
        what=what, session_id=request.session_id, by=request.actor, at=request.at, order=order, subject_id=subject_id
    )
    kept = request.GET.copy()
    kept["pull"] = str(shown.id)
    return redirect(f"{request.path}?{kept.urlencode()}")


def state_json(found: PullState) -> JsonResponse:
    """What the page asks every second; nothing that was read is in it."""
    return JsonResponse({"state": found.state, "code": found.code})


def question(request: HttpRequest) -> HttpResponse:
    """A question for the card of whoever sits at this browser, and the cookie that binds it."""
    at, holder = request.at, request.COOKIES.get(COOKIE, "") or secrets.token_urlsafe(32)  # type: ignore[attr-defined]
    try:
        attempts.take(purpose="question.address", subject=visitor.address_of(request), at=at)
        asked = challenges.ask(browser=holder, at=at)
    except Refused as refusal:
        return JsonResponse(in_words(refusal), status=refusal.status)
    response = JsonResponse(
        {
            "challenge": str(asked.id),
            "nonce": asked.nonce,
            "purpose": asked.purpose,
            "origin": asked.origin,
            "expires_at": asked.valid_until.isoformat(),
        }
    )
    response.set_cookie(
        COOKIE,
        holder,
        max_age=int(_LASTS.total_seconds()),
        secure=settings.WARIFU.is_https,
        httponly=True,
        samesite="Strict",
    )
    return response


def answer_in(request: HttpRequest) -> str:
    """The answer that a form of `card.js` brought, with the browser's secret; empty without one."""
    token = request.POST.get("token", "")
    if not token:
        return ""
    return challenges.composed(
        challenge=request.POST.get("challenge", ""), token=token, browser=request.COOKIES.get(COOKIE, "")
    )
