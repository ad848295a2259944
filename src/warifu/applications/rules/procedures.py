"""The procedures of the room 申込 (ADR 0014)."""

from __future__ import annotations

from warifu.foundation.procedures import Audience, Deadline, Margin, Procedure, Step
from warifu.foundation.refusals import translatable as _

USER_CODES = Procedure(
    key="user_codes",
    title=_("利用者コードの申込み"),
    audience=Audience.APPLICANT,
    purpose=_("利用者コードと識別番号を、追加・変更・削除します。"),
    prepare=(
        _("利用開始希望日（審査が終わる日から4営業日以後）"),
        _("変更の理由"),
        _("申込担当者と責任者の、氏名とメールアドレス"),
        _("業種ごとのシステム設定"),
    ),
    steps=(
        Step(
            key="operation",
            title=_("申込内容"),
            what=_("追加・変更・削除の別、開始希望日、理由を入れます。"),
            screen="desk:applications.operation",
        ),
        Step(
            key="person", title=_("担当者"), what=_("申込担当者と責任者を入れます。"), screen="desk:applications.person"
        ),
        Step(
            key="codes",
            title=_("利用者コード"),
            what=_("業種、処理方式、識別番号の数を行ごとに入れます。"),
            screen="desk:applications.codes",
        ),
        Step(
            key="settings",
            title=_("システム設定"),
            what=_("名称と、業種ごとの設定を入れます。"),
            screen="desk:applications.settings",
        ),
        Step(
            key="review",
            title=_("確認"),
            what=_("内容と、割り当てられる番号の見込みを確かめて申し込みます。"),
            screen="desk:applications.review",
        ),
        Step(key="done", title=_("受付"), what=_("受付番号を控えます。"), screen="desk:applications.page"),
    ),
    letters=(
        "application_received",
        "application_sent_back",
        "application_confirmed",
        "application_rejected",
        "application_void",
        "window_closing",
    ),
    deadlines=(
        Deadline(
            what=_("システム設定の申込み"), when=_("利用開始日の4営業日前まで"), otherwise=_("申込みは無効になります。")
        ),
        Deadline(
            what=_("封緘通知（初期パスワード）を開く"),
            when=_("利用開始日の2営業日後まで"),
            otherwise=_("出し直しを依頼します。"),
        ),
    ),
    margins=(
        Margin(
            words=_("利用開始日は、希望日と違うことがあります。決まった日を必ず確かめてください。"), is_caution=True
        ),
        Margin(
            words=_(
                "識別番号の1文字目は、netNACCS なら英字、一般なら数字です。0（ゼロ）とO（オー）に注意してください。"
            ),
            is_caution=True,
            step="codes",
        ),
        Margin(words=_("審査の結果は、次の営業日より後になることがあります。"), step="done"),
    ),
    refusals=("WF-U301", "WF-U302", "WF-U303", "WF-U501"),
    next=_("利用開始日から、発行されたIDでサインインし、自分のパスワードを決めます。"),
)

ALL = (USER_CODES,)
