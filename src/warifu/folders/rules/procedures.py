"""The procedure of the room 電子帳簿保存フォルダ (ADR 0014)."""

from __future__ import annotations

from warifu.foundation.procedures import Audience, Deadline, Margin, Procedure, Step
from warifu.foundation.refusals import translatable as _

FOLDER = Procedure(
    key="folder",
    title=_("電子取引データの保存"),
    audience=Audience.OFFICE,
    purpose=_("受け取った請求書や領収書を、消せない形で保存し、日付・金額・取引先で探せるようにします。"),
    prepare=(
        _("顧客（または御社）の正式な名前と決算月"),
        _("受け取ったままのファイル（PDF、画像、.eml、XMLなど）"),
    ),
    steps=(
        Step(
            key="make",
            title=_("フォルダ"),
            what=_("顧客ひとりにひとつ、フォルダを作ります。"),
            screen="desk:folders.add",
        ),
        Step(
            key="put",
            title=_("入れる"),
            what=_("ファイルを、受け取ったまま、まとめて入れます。"),
            screen="desk:folder_intake.page",
        ),
        Step(
            key="confirm",
            title=_("確かめる"),
            what=_("読み取った日付・金額・取引先を書類と見比べ、保存します。"),
            screen="desk:folder_records.page",
        ),
        Step(
            key="find",
            title=_("探す・出す"),
            what=_("日付・金額・取引先で探し、見せて、印刷し、まとめて書き出します。"),
            screen="desk:folders.page",
        ),
        Step(
            key="papers",
            title=_("備え付ける"),
            what=_("事務処理規程や操作説明書をPDFで出し、保存場所に備え付けます。"),
            screen="desk:folder_papers.page",
        ),
    ),
    deadlines=(
        Deadline(
            what=_("保存"),
            when=_("データごとの保存期間の終わりまで"),
            otherwise=_("期間の途中では、だれにも廃棄できません。"),
        ),
    ),
    margins=(
        Margin(words=_("マイナンバーの書かれた書類は、入れないでください。"), is_caution=True, step="put"),
        Margin(words=_("金額のない書類は、金額を空のままにします。"), step="confirm"),
        Margin(words=_("訂正と取消の履歴が残り、消せないため、タイムスタンプはなくても足ります。"), step="confirm"),
    ),
    refusals=("WF-F101", "WF-F201", "WF-F202", "WF-F301", "WF-F302", "WF-F304"),
    next=_("税務調査では、探した結果を、まとめて書き出すか印刷して渡します。"),
)

ALL: tuple[Procedure, ...] = (FOLDER,)
