"""One article for each refusal: what it means, why the house refuses, what to do."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext

from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.web.shared.doors import public

AREAS: dict[str, str] = {
    "A": _("画面とフォーム"),
    "O": _("組織と役割"),
    "N": _("メール"),
    "S": _("サインインと連携トークン"),
    "V": _("番号と画像の金庫"),
    "C": _("名簿・案内・提出・本人確認"),
    "L": _("登録カードとライセンス"),
    "U": _("利用申込みとID"),
    "Q": _("顧問先と委託"),
    "P": _("API"),
    "X": _("運用と設定"),
}
"""The letter of a code, and the part of the house that it stands for."""

REASONS: dict[int, str] = {
    400: _("送られた内容が読み取れないか、決まりに合わないため、処理を始めませんでした。"),
    401: _("だれの操作かを確かめられないため、処理を始めませんでした。"),
    403: _("役割・使い道・直前の本人確認のどれかが足りないため、処理を始めませんでした。"),
    404: _("指定されたものがないか、あなたの組織のものではありません。どちらの場合も同じ返事をします。"),
    409: _("いまの状態ではできない操作です。ほかの人が先に進めたか、前の手順が終わっていません。"),
    410: _("期限が切れたか、すでに使われたものです。"),
    413: _("大きすぎるため、読み込みを途中で止めました。"),
    422: _("入力された内容に、直すところがあります。"),
    429: _("続けて試した回数が上限に達したため、しばらく受け付けません。"),
}
"""Why the house refuses, by the status that a refusal answers with."""

_PLACEHOLDER = re.compile(r"\{(\w+)[^}]*\}")


@dataclass(frozen=True, kw_only=True)
class Article:
    """The article of one refusal, in the reader's language."""

    code: str
    area: str
    sentence: str
    reason: str
    remedy: str


@public
def listing(request: HttpRequest) -> HttpResponse:
    """All articles by area; `q` keeps those whose code or words contain it."""
    words = request.GET.get("q", "").strip()
    found = [article_of(refusal) for refusal in Refused.catalogue()]
    if words:
        needle = words.lower()
        found = [one for one in found if needle in f"{one.code} {one.sentence} {one.remedy}".lower()]
    return render(request, "helpcentre/refusals/listing.html", {"articles": found, "words": words})


@public
def article(request: HttpRequest, code: str) -> HttpResponse:
    """The article of one code."""
    for refusal in Refused.catalogue():
        if refusal.code == code.upper():
            return render(request, "helpcentre/refusals/article.html", {"article": article_of(refusal)})
    raise NotFound()


def article_of(refusal: type[Refused]) -> Article:
    """The words of a refusal's article; values that are known only when it happens stand as `…`."""
    reason = REASONS.get(refusal.status, REASONS[409])
    return Article(
        code=refusal.code,
        area=gettext(AREAS.get(refusal.code[3], AREAS["A"])),
        sentence=_PLACEHOLDER.sub("…", gettext(refusal.sentence)),
        reason=gettext(reason),
        remedy=_PLACEHOLDER.sub("…", gettext(refusal.remedy)),
    )


routes = [
    path("codes/", listing, name="refusals.listing"),
    path("codes/<str:code>/", article, name="refusals.article"),
]
