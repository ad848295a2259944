"""要件の一覧: the points of the law's text that electronic-transaction software is judged by, and what is here (D-22).

A list to be read beside the manual. It is no certification, and the word 認証 is not used of this product.
"""

from __future__ import annotations

from dataclasses import dataclass

from warifu.foundation.refusals import translatable as _


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One point: its mark, what it asks, what this product does, and the test that shows it."""

    mark: str
    asks: str
    does: str
    test: str


ALL = (
    Feature(
        mark="JA",
        asks=_("タイムスタンプ付きで受け取る"),
        does=_("PDFの中、またはファイルの横のRFC 3161トークンを照合し、発行元・時刻・結果を示します。"),
        test="tests/rooms/folders/test_stamps.py::TestBeside",
    ),
    Feature(
        mark="JB",
        asks=_("受け取ったあとにタイムスタンプを付ける"),
        does=_(
            "設定した時刻認証局から取得できます（任意）。期間を指定して一括で照合し、合わないものの番号を示します。"
        ),
        test="tests/rooms/folders/test_stamps.py::TestAsked",
    ),
    Feature(
        mark="JC",
        asks=_("訂正・削除の事実と内容を確認できる、または訂正・削除ができない"),
        does=_(
            "削除はできません。訂正・取消・取消の戻しは、前後の内容・理由・人・日時を残し、検索・表示・書き出しができます。"
        ),
        test="tests/rooms/folders/test_records.py::TestHistory",
    ),
    Feature(
        mark="JD",
        asks=_("事務処理規程を支える"),
        does=_("規程のひな形を、フォルダの設定から作ります。"),
        test="tests/doors/desk/test_folders.py::TestPapers",
    ),
    Feature(
        mark="JE",
        asks=_("システムの中で受け取る"),
        does=_("画面、メール、提出リンク、APIから受け取り、受け取った時刻はサーバーが付けます。"),
        test="tests/rooms/folders/test_intake.py::TestReceive",
    ),
    Feature(
        mark="JF",
        asks=_("発行した控えを保存する"),
        does=_("送った・発行したものも、同じ方法で保存し、同じ検索で見つかります。"),
        test="tests/rooms/folders/test_search.py::TestMatrix",
    ),
    Feature(
        mark="JG",
        asks=_("日付・金額・取引先で検索する"),
        does=_("単独、範囲、二つ以上の組合せで検索でき、当てはまるものだけを示します。"),
        test="tests/rooms/folders/test_search.py::TestMatrix",
    ),
    Feature(
        mark="JH",
        asks=_("画面・書面・データで、整然と明瞭に出す"),
        does=_("画面、印刷、CSV、元のファイルと履歴をまとめたZIPを出せます。"),
        test="tests/rooms/folders/test_exports.py::TestArchive",
    ),
    Feature(
        mark="JI",
        asks=_("時刻を利用者が変えられない"),
        does=_("時刻はサーバーのものだけを使い、画面からもAPIからも渡せません。"),
        test="tests/doors/api/test_folders.py::TestReceive",
    ),
    Feature(
        mark="JJ",
        asks=_("保存期間のあいだ保存する"),
        does=_("保存期間の終わりを示し、それより前の廃棄を断ります。"),
        test="tests/rooms/folders/test_disposal.py::TestDispose",
    ),
    Feature(
        mark="JK",
        asks=_("操作説明書とシステム概要書を備え付ける"),
        does=_("設定から作ったPDFを、いつでも出せます。"),
        test="tests/doors/desk/test_folders.py::TestPapers",
    ),
)
