"""One article for each refusal: what it means, why the house refuses, what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import get_resolver, path
from django.utils.translation import gettext, override

from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.help.rules.documents import Document
from warifu.help.rules.volumes import Kind, Reader
from warifu.web.shared import tool_faults
from warifu.web.shared.doors import public
from warifu.web.shared.tool_faults import ToolFault

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
    "F": _("電子帳簿保存フォルダ"),
    "K": _("カード・リーダーとパソコンのツール"),
    "P": _("API"),
    "H": _("ヘルプの記事とマニュアル"),
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

_TOOL = _(
    "カードやリーダー、またはパソコンに入れたツール(warifu-agent)が知らせた番号です。サーバーは関わっていません。"
)
_PLACEHOLDER = re.compile(r"\{(\w+)[^}]*\}")


@dataclass(frozen=True, kw_only=True)
class Article:
    """The article of one refusal, in the reader's language."""

    code: str
    area: str
    sentence: str
    reason: str
    remedy: str
    known: tuple[str, ...] = ()
    """Codes by which people know the same trouble from elsewhere (004-14)."""


@public
def listing(request: HttpRequest) -> HttpResponse:
    """All articles by area; `q` keeps those whose code or words contain it."""
    words = request.GET.get("q", "").strip()
    found = every_article()
    if words:
        needle = words.lower()
        found = [
            one for one in found if needle in f"{one.code} {' '.join(one.known)} {one.sentence} {one.remedy}".lower()
        ]
    return render(request, "helpcentre/refusals/listing.html", {"articles": found, "words": words})


@public
def article(request: HttpRequest, code: str) -> HttpResponse:
    """The article of one code."""
    for one in every_article():
        if one.code == code.upper():
            return render(request, "helpcentre/refusals/article.html", {"article": one})
    raise NotFound()


def documents() -> Iterable[Document]:
    """The refusals' articles, for the index; every module is loaded before, so that all are there."""
    list(get_resolver().url_patterns)
    own = {refusal.code for refusal in Refused.catalogue() if refusal.__module__.startswith("warifu.")}
    own |= {fault.code for fault in tool_faults.catalogue()}
    with override("ja"):
        japanese = [one for one in every_article() if one.code in own]
    with override("en"):
        in_english = {one.code: one for one in every_article()}
    for place, found in enumerate(japanese):
        english = in_english[found.code]
        yield Document(
            key=f"refusal:{found.code}",
            kind=Kind.REFUSAL,
            reader=Reader.EVERYBODY,
            order=place,
            title=found.sentence,
            lead=found.remedy,
            title_en=english.sentence,
            lead_en=english.remedy,
            keywords=" ".join((found.code, *found.known)),
            text=f"{found.area} {found.reason}",
            text_en=f"{english.area} {english.reason}",
        )


def every_article() -> list[Article]:
    """Articles of the house's refusals, and of what card, reader and tool say of themselves, by area and code."""
    own = [article_of(refusal) for refusal in Refused.catalogue()]
    theirs = [article_of_tool(fault) for fault in tool_faults.catalogue()]
    return sorted([*own, *theirs], key=lambda one: one.code)


def article_of_tool(fault: ToolFault) -> Article:
    """The words of an article on something that the server has no part in."""
    return Article(
        code=fault.code,
        area=gettext(AREAS[fault.code[3]]),
        sentence=_PLACEHOLDER.sub("…", fault.sentence),
        reason=gettext(_TOOL),
        remedy=_PLACEHOLDER.sub("…", fault.remedy),
        known=fault.known,
    )


def article_of(refusal: type[Refused]) -> Article:
    """The words of a refusal's article; values that are known only when it happens stand as `…`."""
    reason = REASONS.get(refusal.status, REASONS[409])
    return Article(
        code=refusal.code,
        area=gettext(AREAS.get(refusal.code[3], AREAS["A"])),
        sentence=_PLACEHOLDER.sub("…", gettext(refusal.sentence)),
        reason=gettext(reason),
        remedy=_PLACEHOLDER.sub("…", gettext(refusal.remedy)),
        known=getattr(refusal, "known", ()),
    )


routes = [
    path("codes/", listing, name="refusals.listing"),
    path("codes/<str:code>/", article, name="refusals.article"),
]
