"""The procedures of the room 申込 (ADR 0014)."""

from __future__ import annotations

from warifu.foundation.procedures import Audience, Deadline, Margin, Procedure, Step
from warifu.foundation.refusals import translatable as _

_LETTERS = (
    "application_received",
    "application_sent_back",
    "application_confirmed",
    "application_rejected",
    "application_void",
    "window_closing",
)
_REFUSALS = ("WF-U301", "WF-U302", "WF-U303", "WF-U501")
_PERSON = Step(
    key="person", title=_("担当者"), what=_("申込担当者と責任者を入れます。"), screen="desk:applications.person"
)
_REVIEW = Step(
    key="review",
    title=_("確認"),
    what=_("内容と、割り当てられる番号の見込みを確かめて申し込みます。"),
    screen="desk:applications.review",
)
_DONE = Step(key="done", title=_("受付"), what=_("受付番号を控えます。"), screen="desk:applications.page")
_START_DIFFERS = Margin(
    words=_("利用開始日は、希望日と違うことがあります。決まった日を必ず確かめてください。"), is_caution=True
)
_WAIT = Margin(words=_("審査の結果は、次の営業日より後になることがあります。"), step="done")
_SETTINGS_DUE = Deadline(
    what=_("システム設定の申込み"), when=_("利用開始日の4営業日前まで"), otherwise=_("申込みは無効になります。")
)
_WINDOW = Deadline(
    what=_("封緘通知（初期パスワード）を開く"),
    when=_("利用開始日の2営業日後まで"),
    otherwise=_("出し直しを依頼します。"),
)
_LOOK_ALIKES = Margin(
    words=_("識別番号の1文字目は、netNACCS なら英字、一般なら数字です。0（ゼロ）とO（オー）に注意してください。"),
    is_caution=True,
    step="codes",
)
_PEOPLE = _("申込担当者と責任者の、氏名とメールアドレス")

USER_CODES = Procedure(
    key="user_codes",
    title=_("利用者コードの申込み"),
    audience=Audience.APPLICANT,
    purpose=_("新しい利用者コードと、その識別番号を申し込みます。"),
    prepare=(
        _("利用開始希望日（審査が終わる日から4営業日以後）"),
        _("変更の理由"),
        _PEOPLE,
        _("業種ごとのシステム設定"),
    ),
    steps=(
        Step(
            key="operation",
            title=_("申込内容"),
            what=_("開始希望日と理由を入れます。"),
            screen="desk:applications.operation",
        ),
        _PERSON,
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
        _REVIEW,
        _DONE,
    ),
    letters=_LETTERS,
    deadlines=(_SETTINGS_DUE, _WINDOW),
    margins=(_START_DIFFERS, _LOOK_ALIKES, _WAIT),
    refusals=_REFUSALS,
    next=_("利用開始日から、発行されたIDでサインインし、自分のパスワードを決めます。"),
)

IDENTIFICATIONS = Procedure(
    key="identifications",
    title=_("識別番号の申込み"),
    audience=Audience.APPLICANT,
    purpose=_("いまある利用者コードに識別番号を加えるか、使わない識別番号を削除します。"),
    prepare=(
        _("識別番号を加える、または削除する利用者コード"),
        _("利用開始希望日（削除のときは、削除する日）"),
        _("識別番号の数と、そう決めた理由（業種を分ける、人ごとに分けるなど）"),
        _PEOPLE,
    ),
    steps=(
        Step(
            key="operation",
            title=_("申込内容"),
            what=_("希望日と理由を入れます。"),
            screen="desk:applications.operation",
        ),
        _PERSON,
        Step(
            key="codes",
            title=_("識別番号"),
            what=_("どの利用者コードに、いくつ加えるか。削除のときは、どれを削除するかを選びます。"),
            screen="desk:applications.codes",
        ),
        Step(
            key="settings",
            title=_("システム設定"),
            what=_("加える識別番号で使う業種の設定を入れます。"),
            screen="desk:applications.settings",
        ),
        _REVIEW,
        _DONE,
    ),
    letters=_LETTERS,
    deadlines=(_SETTINGS_DUE, _WINDOW),
    margins=(
        _START_DIFFERS,
        Margin(
            words=_("削除した識別番号は、二度と使えません。同じ番号がほかの人に渡ることもありません。"), is_caution=True
        ),
        _LOOK_ALIKES,
        _WAIT,
    ),
    refusals=(*_REFUSALS, "WF-P301"),
    next=_("利用開始日から、加えたIDでサインインします。削除したIDは、その日から使えません。"),
)

CODE_CHANGES = Procedure(
    key="code_changes",
    title=_("利用者コードの変更・削除"),
    audience=Audience.APPLICANT,
    purpose=_("いまある利用者コードの設定を変えるか、使わない利用者コードを削除します。"),
    prepare=(
        _("変更または削除する利用者コード"),
        _("変更または削除を希望する日"),
        _("変更のときは、変えるシステム設定の内容"),
        _PEOPLE,
    ),
    steps=(
        Step(
            key="operation",
            title=_("申込内容"),
            what=_("希望日と理由を入れます。"),
            screen="desk:applications.operation",
        ),
        _PERSON,
        Step(
            key="codes",
            title=_("利用者コード"),
            what=_("変更または削除する利用者コードを選びます。"),
            screen="desk:applications.codes",
        ),
        Step(
            key="settings",
            title=_("システム設定"),
            what=_("変えるところだけを入れます。"),
            screen="desk:applications.settings",
        ),
        _REVIEW,
        _DONE,
    ),
    letters=_LETTERS,
    margins=(
        _START_DIFFERS,
        Margin(
            words=_("削除した利用者コードは、二度と使えません。その識別番号でのサインインも、その日から止まります。"),
            is_caution=True,
        ),
        _WAIT,
    ),
    refusals=_REFUSALS,
    next=_("決まった日から、変えた内容になります。削除したIDは、その日から使えません。"),
)

ALL = (USER_CODES, IDENTIFICATIONS, CODE_CHANGES)
OPERATIONS: dict[str, tuple[str, ...]] = {
    USER_CODES.key: ("add",),
    IDENTIFICATIONS.key: ("add", "delete"),
    CODE_CHANGES.key: ("change", "delete"),
}
"""What can be asked for by each procedure; each is an entrance of its own (002-1, 002-10)."""


def declared(*, subject: str, operation: str) -> Procedure:
    """The procedure by which an application goes: of user codes or of identification numbers, and what is wanted."""
    if subject == IDENTIFICATIONS.key:
        return IDENTIFICATIONS
    return USER_CODES if operation == "add" else CODE_CHANGES


def steps_of(*, procedure: Procedure, operation: str) -> tuple[Step, ...]:
    """The steps that an operation needs: what is deleted has no settings."""
    return tuple(step for step in procedure.steps if operation != "delete" or step.key != "settings")
