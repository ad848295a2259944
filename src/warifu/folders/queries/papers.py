"""備え付ける書類: rules of procedure, outline, manuals, made from the folder's settings (D-04, D-17).

They are models to be looked over and signed by the keeper, no legal advice, and say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

import warifu
from warifu.folders import timestamps
from warifu.folders.queries import folders
from warifu.folders.queries.access import Reached
from warifu.folders.rules import features
from warifu.foundation.days import era_year, jst_day
from warifu.foundation.refusals import translatable as _
from warifu.notices import papers
from warifu.organisations import queries as organisations


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One paper."""

    key: str
    title: str
    what: str


ALL = (
    Paper(
        key="rules",
        title=_("電子取引データの訂正及び削除の防止に関する事務処理規程"),
        what=_(
            "訂正や取消のときに、日付・理由・内容・担当者を残す決まりのひな形です。御社の実情に合わせて直して使います。"
        ),
    ),
    Paper(
        key="outline",
        title=_("システム概要書"),
        what=_("どんな仕組みで保存しているかを、税務職員に示すための書類です。"),
    ),
    Paper(
        key="manual",
        title=_("操作説明書"),
        what=_("検索、表示、印刷、書き出しの手順です。保存場所に備え付けます。"),
    ),
    Paper(
        key="office-manual",
        title=_("事務処理マニュアル"),
        what=_("受け取りから保存まで、だれが何をいつまでに行うかのひな形です。"),
    ),
)
BY_KEY = {paper.key: paper for paper in ALL}


def printed(*, reached: Reached, key: str, at: datetime) -> bytes:
    """One paper as a PDF. Raises KeyError for a paper that is not there."""
    paper = BY_KEY[key]
    folder = reached.folder
    day = jst_day(at)
    values = {
        "folder": folders.view(folder=folder),
        "office": organisations.organisation(organisation_id=folder.organisation_id).name,
        "keeper": folder.customer_name,
        "day": day,
        "day_words": f"{era_year(day)}{day.month}月{day.day}日",
        "version": warifu.__version__,
        "site": settings.WARIFU.site_url,
        "in_bucket": bool(settings.WARIFU.folders_s3_bucket),
        "scanner": settings.WARIFU.folders_scanner,
        "stamps": timestamps.is_set(),
        "features": features.ALL,
    }
    return papers.pdf(f"papers/folder_{key.replace('-', '_')}.html", values, title=paper.title)
