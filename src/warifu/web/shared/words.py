"""Words that several wings show for the same thing."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy

from warifu.customers.rules.entrusting import Clause, Task
from warifu.customers.rules.records import Menu
from warifu.foundation.actor import Role
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission

ROLE_NAMES: dict[Role, str] = {
    Role.HEAD: _("所長"),
    Role.ADMINISTRATOR: _("管理者"),
    Role.RESPONSIBLE: _("責任者"),
    Role.HANDLER: _("事務取扱担当者"),
    Role.RECEIVER: _("受付"),
    Role.IT: _("IT担当者"),
    Role.REVIEWER: _("審査担当者"),
    Role.PAYROLL: _("給与計算担当者"),
    Role.STAFF: _("職員"),
    Role.CUSTOMER: _("顧客"),
    Role.AUDITOR: _("監査人"),
    Role.EMPLOYEE: _("従業員"),
}
"""Each role's name, the furthest-reaching first."""

PERMISSION_WORDS: dict[Permission, str] = {
    Permission.OWN_RECORD: _("自分の記録を見る、提出を取り下げる、自分のサインインを整える"),
    Permission.HAND_IN: _("自分の番号と書類を出す"),
    Permission.DESK_ENTER: _("担当者の画面に入る"),
    Permission.PEOPLE_VIEW: _("だれが出したかを見る（番号と写真は見えません）"),
    Permission.ROSTER_LOAD: _("従業員名簿を取り込む、取り消す"),
    Permission.INVITE: _("入力の依頼と催促のメールを送る"),
    Permission.ENTER_FOR: _("本人に代わって入力する"),
    Permission.DOCUMENTS_CHECK: _("書類の不足だけを確かめる（番号は手元に残しません）"),
    Permission.VERIFY: _("書類の写真を開き、本人かどうかを確かめる"),
    Permission.NUMBER_REVEAL: _("番号を見る（任命され、5分以内にサインインしたときだけ）"),
    Permission.SECOND_CONFIRM: _("二人目として確かめる（責任者が最後）"),
    Permission.DISPOSALS_READ: _("番号をいつまで保存するか、何を廃棄したかを見る（番号は見えません）"),
    Permission.DISPOSALS_APPROVE: _("番号の必要が終わったことを記録する、廃棄を承認する、保存期限を延ばす"),
    Permission.DISPOSALS_CONFIRM: _("廃棄を確認して実行する、保全を始める・終える（責任者だけ）"),
    Permission.MEMBERS_MANAGE: _("利用者を加え、役割を変える"),
    Permission.SETTINGS_MANAGE: _("設定とメールの文面を変える"),
    Permission.HANDLING_MANAGE: _("利用目的、担当者、責任者を定める"),
    Permission.TRAIL_VIEW: _("監査証跡を見る"),
    Permission.TOKENS_MANAGE: _("プログラムのためのAPIトークンを発行する、止める"),
    Permission.SECURITY_MANAGE: _("だれが何を示してサインインするかを決める、電子証明書を扱う、管理を引き継ぐ"),
    Permission.PROVISION: _("人事システムから利用者を加え、変える（トークンだけ。会社側の役割は渡せません）"),
    Permission.IDS_ISSUE: _("職員と顧客のIDを発行する、使える端末を決める"),
    Permission.APPLY: _("利用者コードを申し込む、ライセンスを登録して利用を始める"),
    Permission.REVIEW: _("申込みを審査する（運営者の組織だけ）"),
    Permission.LICENCES_MANAGE: _("製品、登録カード、ライセンスを扱う（運営者の組織だけ）"),
    Permission.CUSTOMERS_MANAGE: _("顧問先と担当者の情報を直す、届出に答える、委託された仕事をする"),
    Permission.RESETS_START: _("パスワードの再設定を始める（相手によって制限があります）"),
    Permission.HELP_WRITE: _("ヘルプの記事を書く、確かめて公開する"),
    Permission.HELP_KEEP: _("ヘルプで見つからなかった言葉を見る、言い換えを決める（運営者の組織だけ）"),
    Permission.FOLDERS_MANAGE: _("電子帳簿保存フォルダを作る、利用を終える、見られる人を決める"),
    Permission.FOLDERS_FILE: _("電子取引のファイルを入れ、内容を確かめ、訂正する（顧客は自分のフォルダだけ）"),
    Permission.FOLDERS_READ: _("電子取引データを検索し、見て、書き出す（顧客と監査人は、見せると決めた範囲だけ）"),
}
"""Each permission as a sentence; the table in organisations.rules decides, this only says it."""


WAY_NAMES: dict[str, str] = {
    "agent": _("電子証明書ツール"),
    "browser": _("ブラウザー"),
    "file": _("ファイル（.p12）"),
    "server": _("サーバー"),
}
"""How a certificate was got."""

FACTOR_WORDS: dict[str, str] = {
    "password": _("パスワード"),
    "mail_code": _("メール確認コード"),
    "mail_link": _("メールのリンク"),
    "authenticator": _("認証アプリ"),
    "passkey": _("パスキー"),
    "device_passkey": _("端末のパスキー"),
    "recovery_code": _("予備コード"),
    "card": _("マイナンバーカード"),
    "certificate": _("電子証明書"),
    "access_key": _("アクセスキー"),
    "external": _("外部のID"),
    "external_strong": _("外部のID(二つの要素)"),
    "phone": _("再設定用の携帯電話番号"),
    "second": _("もう一つの確認"),
    "code": _("メール確認コード"),
}
"""What screens call each factor, and each stage of a sign-in that can fail."""


LEVEL_WORDS: dict[int, str] = {1: _("レベル1(ふつう)"), 2: _("レベル2(強い)")}
"""How strong a session is, in words (L-14, L-28)."""


def factor_words(factors: Iterable[str]) -> str:
    """The names of some factors, in the language of the reader."""
    return "・".join(gettext(FACTOR_WORDS.get(factor, factor)) for factor in factors)


def role_names(roles: Role) -> list[str]:
    """The names of all roles in `roles`, untranslated, in the order of `ROLE_NAMES`."""
    return [name for role, name in ROLE_NAMES.items() if role in roles]


TASKS: dict[Task, Promise] = {
    Task.PROGRESS: gettext_lazy(_("だれが出したかを見る")),
    Task.ROSTER: gettext_lazy(_("従業員名簿を取り込む")),
    Task.INVITE: gettext_lazy(_("入力を依頼し、催促する")),
}
"""What an office may be entrusted with, in words."""

CLAUSES: dict[Clause, Promise] = {
    Clause.SECRECY: gettext_lazy(_("秘密を守る義務")),
    Clause.NO_CARRYING_OUT: gettext_lazy(_("事業所からの持出しの禁止")),
    Clause.NO_OTHER_USE: gettext_lazy(_("目的外の利用の禁止")),
    Clause.SUBCONTRACTING: gettext_lazy(_("再委託の条件(顧問先の許しが要る)")),
    Clause.LIABILITY: gettext_lazy(_("漏えいなどが起きたときの責任")),
    Clause.RETURN: gettext_lazy(_("契約が終わった後の返却または廃棄")),
    Clause.SUPERVISION: gettext_lazy(_("従業者の監督と教育")),
    Clause.REPORTING: gettext_lazy(_("守られているかの報告")),
    Clause.NAMED_STAFF: gettext_lazy(_("取り扱う人をはっきりさせる")),
    Clause.AUDIT: gettext_lazy(_("顧問先が実地で調べられる")),
}
"""What a contract of entrustment says, in words (ガイドライン 4-2-(1); S-14)."""

MENUS: dict[Menu, Promise] = {
    Menu.RECORD: gettext_lazy(_("登録情報")),
    Menu.INQUIRIES: gettext_lazy(_("届出・お問い合わせ")),
    Menu.FOLDERS: gettext_lazy(_("電子帳簿保存フォルダ")),
}
"""What a 顧客ID shows of a customer, in words."""
