"""Where an article stands: its kind, whom it is for, its volume and its chapter (003-2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from warifu.foundation.refusals import translatable as _


class Kind(Enum):
    """What sort of help a document is; the value is its permanent name."""

    FAQ = "faq"
    MANUAL = "manual"
    TIP = "tip"
    PROCEDURE = "procedure"
    REFUSAL = "refusal"

    @property
    def label(self) -> str:
        """The kind's name on screen."""
        return _KINDS[self]


_KINDS = {
    Kind.FAQ: _("よくあるご質問"),
    Kind.MANUAL: _("WEBマニュアル"),
    Kind.TIP: _("活用のヒント"),
    Kind.PROCEDURE: _("手順のマニュアル"),
    Kind.REFUSAL: _("お断りの番号"),
}
WRITTEN = (Kind.FAQ, Kind.MANUAL, Kind.TIP)
"""The kinds that people write; the others are made from the product itself."""


class Reader(Enum):
    """Whom an article is for."""

    EVERYBODY = "everybody"
    EMPLOYEE = "employee"
    ADMINISTRATOR = "administrator"
    OFFICE = "office"
    OPERATOR = "operator"

    @property
    def label(self) -> str:
        """The readers' name on screen."""
        return _READERS[self]


_READERS = {
    Reader.EVERYBODY: _("みなさん"),
    Reader.EMPLOYEE: _("従業員の方"),
    Reader.ADMINISTRATOR: _("会社の担当者・管理者"),
    Reader.OFFICE: _("会計事務所の方"),
    Reader.OPERATOR: _("運営者の方"),
}


@dataclass(frozen=True, kw_only=True)
class Volume:
    """A volume of articles with its chapters, key and title each."""

    key: str
    title: str
    reader: Reader
    chapters: tuple[tuple[str, str], ...]

    def chapter(self, key: str) -> str:
        """The title of a chapter; its key when there is none."""
        return dict(self.chapters).get(key, key)


VOLUMES: tuple[Volume, ...] = (
    Volume(
        key="submitting",
        title=_("番号を出す編"),
        reader=Reader.EMPLOYEE,
        chapters=(
            ("begin", _("はじめる前に")),
            ("enter", _("入力する")),
            ("pictures", _("書類と写真")),
            ("family", _("ご家族")),
            ("after", _("出したあと")),
        ),
    ),
    Volume(
        key="signing-in",
        title=_("サインイン編"),
        reader=Reader.EVERYBODY,
        chapters=(
            ("password", _("パスワード")),
            ("second", _("もう一つの確認")),
            ("certificates", _("電子証明書")),
            ("devices", _("端末と記録")),
            ("cards", _("マイナンバーカード")),
        ),
    ),
    Volume(
        key="starting",
        title=_("導入編"),
        reader=Reader.ADMINISTRATOR,
        chapters=(("licence", _("登録と利用開始")), ("plan", _("取扱いの定め")), ("people", _("利用者と役割"))),
    ),
    Volume(
        key="collecting",
        title=_("収集編"),
        reader=Reader.ADMINISTRATOR,
        chapters=(
            ("roster", _("名簿")),
            ("asking", _("依頼と催促")),
            ("entering", _("代わりの入力")),
            ("verifying", _("本人確認")),
            ("keeping", _("保管・利用・廃棄")),
        ),
    ),
    Volume(
        key="administering",
        title=_("運用管理・各種設定編"),
        reader=Reader.ADMINISTRATOR,
        chapters=(
            ("settings", _("各種設定")),
            ("security", _("安全")),
            ("sharing", _("ほかのサービスとつなぐ")),
            ("applying", _("申込みと契約")),
        ),
    ),
    Volume(
        key="office",
        title=_("事務所管理編"),
        reader=Reader.OFFICE,
        chapters=(("ids", _("ID発行")), ("devices", _("使える端末")), ("resets", _("パスワードの再設定"))),
    ),
    Volume(
        key="customers",
        title=_("顧客管理編"),
        reader=Reader.OFFICE,
        chapters=(("customers", _("顧客")), ("entrusting", _("委託")), ("counter", _("顧客との窓口"))),
    ),
    Volume(
        key="folders",
        title=_("電子帳簿保存編"),
        reader=Reader.EVERYBODY,
        chapters=(
            ("prepare", _("フォルダを用意する")),
            ("intake", _("入れる・確かめる")),
            ("finding", _("探す・直す・出す")),
            ("keeping", _("見せる・引き継ぐ・終える")),
            ("law", _("法令のあらまし")),
        ),
    ),
    Volume(
        key="operating",
        title=_("運営編"),
        reader=Reader.OPERATOR,
        chapters=(("review", _("審査")), ("products", _("製品とライセンス")), ("server", _("サーバー"))),
    ),
    Volume(
        key="auditing",
        title=_("監査と検査編"),
        reader=Reader.EVERYBODY,
        chapters=(("trail", _("記録")), ("rules", _("法令と取扱い"))),
    ),
)
"""Every volume, in the order of the help centre's contents."""


def volume(key: str) -> Volume | None:
    """A volume by its key."""
    return next((one for one in VOLUMES if one.key == key), None)
