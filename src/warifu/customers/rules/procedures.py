"""The procedures of the room 顧問先 (ADR 0014)."""

from __future__ import annotations

from warifu.foundation.procedures import Audience, Deadline, Margin, Procedure, Step
from warifu.foundation.refusals import translatable as _

CUSTOMER = Procedure(
    key="customer",
    title=_("顧問先と顧客ID"),
    audience=Audience.OFFICE,
    purpose=_("顧問先を登録し、担当者に顧客IDを発行します。"),
    prepare=(_("顧問先の名称"), _("担当者の氏名とメールアドレス（顧客IDのもとになります）")),
    steps=(
        Step(
            key="add",
            title=_("顧問先"),
            what=_("名称を入れて顧問先を加えます。ほかの欄は、あとから直せます。"),
            screen="desk:customers.add",
        ),
        Step(
            key="person",
            title=_("担当者"),
            what=_("顧問先の担当者を加えます。"),
            screen="desk:customer_persons.add",
        ),
        Step(
            key="tie",
            title=_("利用者"),
            what=_("担当者を利用者に加えるか、すでにある顧客IDに結び付けます。"),
            screen="desk:customer_persons.page",
        ),
        Step(
            key="issue",
            title=_("顧客ID"),
            what=_("「IDを発行する」で、メールアドレスを写した顧客IDを発行します。"),
            screen="desk:ids.issue",
        ),
    ),
    margins=(
        Margin(words=_("一つの顧客IDで、複数の顧問先を切り替えて使えます。"), step="tie"),
        Margin(words=_("変更履歴は、書き換えも削除もできません。"), step="add"),
    ),
    refusals=("WF-Q101", "WF-Q102", "WF-Q103", "WF-Q201", "WF-Q202"),
    next=_("顧問先も割符を使っているときは、委託を申し出ます。"),
    follows="entrustment",
)

ENTRUSTMENT = Procedure(
    key="entrustment",
    title=_("委託"),
    audience=Audience.OFFICE,
    purpose=_("顧問先の同意を得て、選んだ仕事だけを代わりに行います。個人番号と画像は開けません。"),
    prepare=(_("結んだ委託契約書"), _("顧問先の組織コード（顧問先の「設定」の画面）")),
    steps=(
        Step(
            key="offer",
            title=_("申し出"),
            what=_("仕事と、契約書にある条項に印を付けて申し出ます。"),
            screen="desk:customers.page",
        ),
        Step(
            key="agree",
            title=_("同意"),
            what=_("顧問先の管理者か責任者が、内容を読んで同意します。"),
            screen="desk:entrustments.listing",
        ),
        Step(
            key="act",
            title=_("仕事"),
            what=_("「顧問先の見渡し」から顧問先の画面を開き、任された仕事をします。"),
            screen="desk:cockpit.page",
        ),
        Step(
            key="report",
            title=_("報告"),
            what=_("年に一度、監督の記録をPDFで作り、委託元が確かめます。"),
            screen="desk:entrustments.report",
        ),
    ),
    deadlines=(
        Deadline(
            what=_("委託の終わり"),
            when=_("どちらからでも、いつでも"),
            otherwise=_("終えた時から、事務所は顧問先の画面を開けません。"),
        ),
    ),
    margins=(
        Margin(words=_("操作は、職員と事務所の名前で、顧問先の監査証跡に残ります。"), is_caution=True, step="act"),
    ),
    refusals=("WF-Q301", "WF-Q302", "WF-Q303", "WF-Q304", "WF-Q305"),
)

INQUIRY = Procedure(
    key="inquiry",
    title=_("届出・お問い合わせ"),
    audience=Audience.OFFICE,
    purpose=_("住所や名称の変更、お尋ねを受け付け、答え、登録情報に書き込みます。"),
    prepare=(_("届け出た人に確かめることがあれば、その連絡先"),),
    steps=(
        Step(key="queue", title=_("一覧"), what=_("届いた順に開きます。"), screen="desk:inquiries.listing"),
        Step(
            key="answer",
            title=_("受付と答え"),
            what=_("受け付けてから、認めるか、理由を書いて断ります。認めると登録情報に書き込まれます。"),
            screen="desk:inquiries.page",
        ),
    ),
    refusals=("WF-Q401", "WF-Q402", "WF-Q403"),
)

ALL = (CUSTOMER, ENTRUSTMENT, INQUIRY)
