"""The kinds of letters: a frozen dataclass each, whose fields are exactly what its templates may say.

No kind has a field for a number, a password or an attachment (J-14, L-06). Fields are text, days, moments, lists of
text, and at most one link, which is made when the letter leaves.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any, ClassVar

from warifu.foundation.masking import mask_numbers
from warifu.foundation.refusals import translatable as _
from warifu.notices.links import LateLink


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What all letters have: who writes, and to whom."""

    label: ClassVar[str] = ""
    organisation_name: str
    name: str

    @classmethod
    @cache
    def kind(cls) -> str:
        """The permanent name of the kind, which is also the folder of its templates: `sent_back`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@dataclass(frozen=True, kw_only=True)
class Invitation(Letter):
    """入力の依頼: asks a person to hand in the number."""

    label = _("入力の依頼")
    due_on: date
    valid_until: datetime
    contact: str
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class Reminder(Invitation):
    """催促: asks again, and says what is still missing."""

    label = _("催促")
    reason: str


@dataclass(frozen=True, kw_only=True)
class Receipt(Letter):
    """受付のお知らせ: what was handed in, when and for which purposes; never the number (E5)."""

    label = _("受付のお知らせ")
    submitted_at: datetime
    receipt: str
    purposes: tuple[str, ...]
    papers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SentBack(Letter):
    """差戻しのお知らせ: what has to be mended."""

    label = _("差戻しのお知らせ")
    reasons: tuple[str, ...]
    words: str
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class EnteredFor(Letter):
    """代理入力のお知らせ: somebody entered on the person's behalf (001-20)."""

    label = _("代理入力のお知らせ")
    entered_by: str
    channel: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Verified(Letter):
    """確認済みのお知らせ: identity is confirmed."""

    label = _("確認済みのお知らせ")
    confirmed_on: date


@dataclass(frozen=True, kw_only=True)
class NumberDisposed(Letter):
    """廃棄のお知らせ: numbers that were kept of a person and the family are destroyed (R-06)."""

    label = _("個人番号の廃棄のお知らせ")
    of_whom: tuple[str, ...]
    done_on: date
    contact: str


@dataclass(frozen=True, kw_only=True)
class Activation(Letter):
    """はじめての設定: the single-use link with which a member chooses a password (L-06)."""

    label = _("はじめての設定")
    valid_until: datetime
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class Reset(Letter):
    """パスワードの再設定: the single-use link for a new password."""

    label = _("パスワードの再設定")
    valid_until: datetime
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class PasswordChanged(Letter):
    """パスワード変更のお知らせ: so that a change by somebody else is noticed."""

    label = _("パスワード変更のお知らせ")
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class NewDevice(Letter):
    """新しい端末のお知らせ: somebody signed in from a browser that was not known before (L-12)."""

    label = _("新しい端末のお知らせ")
    signed_in_at: datetime
    browser: str


@dataclass(frozen=True, kw_only=True)
class MailChanged(Letter):
    """宛先変更のお知らせ: tells the old address that letters go elsewhere now (L-12)."""

    label = _("宛先変更のお知らせ")
    changed_at: datetime
    contact: str


@dataclass(frozen=True, kw_only=True)
class NewMailCode(Letter):
    """新しいメールアドレスの確認コード: goes to the new address, which counts only once its reader types it (L-25)."""

    label = _("新しいメールアドレスの確認コード")
    code: LateLink
    valid_until: datetime


@dataclass(frozen=True, kw_only=True)
class OwnMailChanged(Letter):
    """メールアドレス変更のお知らせ: the person has changed it; goes to the old and to the new address (L-12)."""

    label = _("メールアドレス変更のお知らせ")
    changed_at: datetime
    contact: str


@dataclass(frozen=True, kw_only=True)
class MailCode(Letter):
    """メール確認コード: the code of this one sign-in; proves that the mailbox is read, no more (L-13 … L-15)."""

    label = _("メール確認コード")
    code: LateLink
    valid_until: datetime


@dataclass(frozen=True, kw_only=True)
class CertificatePassword(Letter):
    """電子証明書のファイルのパスワード: opens the .p12 that was taken once on a page; the file is not here (C-03)."""

    label = _("電子証明書のファイルのパスワード")
    issued_to: str
    opening: LateLink


@dataclass(frozen=True, kw_only=True)
class CertificateEnding(Letter):
    """電子証明書の期限のお知らせ: it ends soon and can be renewed; leaves 60, 28, 7 days and one before (C-06)."""

    label = _("電子証明書の期限のお知らせ")
    factor_name: str
    ends_on: date
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class CertificateUnused(Letter):
    """使われていない電子証明書のお知らせ: two months have passed since it was issued, and nobody has shown it."""

    label = _("使われていない電子証明書のお知らせ")
    factor_name: str
    issued_on: date
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class CardEnding(Letter):
    """カードの電子証明書の期限のお知らせ: the registered card cannot be used after that day; sent 90 days before."""

    label = _("マイナンバーカードの電子証明書の期限のお知らせ")
    ends_on: date
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class FactorAdded(Letter):
    """確認の方法の登録のお知らせ: a passkey, an app, a certificate … was added (L-12)."""

    label = _("確認の方法の登録のお知らせ")
    factor: str
    factor_name: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class FactorRevoked(Letter):
    """確認の方法の停止のお知らせ: one was stopped (L-12)."""

    label = _("確認の方法の停止のお知らせ")
    factor: str
    factor_name: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class SealedNoticeReady(Letter):
    """封緘通知のお知らせ: a first password can be seen inside a window; it is not in the letter (002-26 … 002-30)."""

    label = _("封緘通知のお知らせ")
    subject: str
    starts_on: date
    last_day: date
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class SecondFactorFailed(Letter):
    """確認の失敗のお知らせ: the password was right, what should follow was wrong several times (L-12)."""

    label = _("確認の失敗のお知らせ")
    failed_at: datetime
    browser: str


@dataclass(frozen=True, kw_only=True)
class SelfResetLink(Letter):
    """所長の再設定の確認: the mailed half of a self-reset; the text message is the other one (003-5, L-09)."""

    label = _("所長の再設定の確認")
    support_code: str
    valid_until: datetime
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class SelfResetWay(Letter):
    """所長の再設定のご案内: a head who asked for a link by mail alone is shown the way with three proofs (L-09)."""

    label = _("所長の再設定のご案内")
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class SelfResetDone(Letter):
    """所長の再設定のお知らせ: tells the head and the administrators that the password was chosen anew (L-12)."""

    label = _("所長の再設定のお知らせ")
    person: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class HandOverNews(Letter):
    """管理者の引継ぎのお知らせ: tells both and the other administrators that it begins, is done, or was stopped."""

    label = _("管理者の引継ぎのお知らせ")
    news: str
    from_person: str
    to_person: str
    done_by: str
    changed_at: datetime
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class SlipsShown(Letter):
    """割符が示されたお知らせ: somebody shall become administrator by recovery slips; it can be stopped until then."""

    label = _("割符が示されたお知らせ")
    person: str
    waits_until: datetime
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class SlipsUsed(Letter):
    """割符による再開のお知らせ: somebody has become an administrator by recovery slips."""

    label = _("割符による再開のお知らせ")
    person: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class IdIssued(Letter):
    """利用者IDのお知らせ: the new ID, and the single-use link for choosing a password; never a password (L-06)."""

    label = _("利用者IDのお知らせ")
    user_id: str
    organisation_code: str
    valid_until: datetime
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class IdChanged(Letter):
    """利用者ID変更のお知らせ: what is typed from now on."""

    label = _("利用者ID変更のお知らせ")
    user_id: str
    changed_at: datetime


@dataclass(frozen=True, kw_only=True)
class ApplicationReceived(Letter):
    """申込受付のお知らせ: to the person in charge and the responsible manager (002-18)."""

    label = _("申込受付のお知らせ")
    receipt: str
    submitted_at: datetime
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class ApplicationSentBack(Letter):
    """申込みの差戻しのお知らせ: what the reviewer asks."""

    label = _("申込みの差戻しのお知らせ")
    receipt: str
    reasons: tuple[str, ...]
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class ApplicationConfirmed(Letter):
    """申込内容確認のお知らせ: decided; the settled start, the deadline for settings, how long notices open (002-26)."""

    label = _("申込内容確認のお知らせ")
    receipt: str
    submitted_at: datetime
    starts_on: date
    settings_deadline: date
    last_day: date
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class ApplicationRejected(Letter):
    """申込みを承認できないお知らせ."""

    label = _("申込みを承認できないお知らせ")
    receipt: str
    reason: str
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class ApplicationVoid(Letter):
    """申込みが無効になったお知らせ: the settings were not applied for in time (seeds.md B2.3)."""

    label = _("申込みが無効になったお知らせ")
    receipt: str
    settings_deadline: date
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class WindowClosing(Letter):
    """封緘通知の期限が近いお知らせ: some first passwords were not opened yet (features.md 7)."""

    label = _("封緘通知の期限が近いお知らせ")
    receipt: str
    last_day: date
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class RegistrationCardDelivered(Letter):
    """製品登録番号カードのお届け: the card in the electronic delivery mail (000-5)."""

    label = _("製品登録番号カードのお届け")
    product: str
    card_number: str
    registering_code: LateLink
    support_confirmation: LateLink
    last_day: date
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class LicenceKeyIssued(Letter):
    """ライセンスキーのお知らせ: key and support ID after registration (000-14, 000-15)."""

    label = _("ライセンスキーのお知らせ")
    product: str
    card_number: str
    licence_key: LateLink
    support_id: str
    last_day: date
    link: LateLink
    what_next: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SupportRenewed(Letter):
    """保守契約の更新のお知らせ: until when it lasts now (000-7)."""

    label = _("保守契約の更新のお知らせ")
    product: str
    support_id: str
    last_day: date
    what_next: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LicenceEnding(Letter):
    """ライセンスの期限のお知らせ: 60, 30 and 7 days before it ends, until it is renewed."""

    label = _("ライセンスの期限のお知らせ")
    product: str
    card_number: str
    ends_on: date
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class LicenceEnded(Letter):
    """ライセンスの期限切れのお知らせ: when it is over and a week before new work stops, until it is renewed."""

    label = _("ライセンスの期限切れのお知らせ")
    product: str
    ends_on: date
    stops_on: date
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class WorkStopped(Letter):
    """新しい収集と発行を止めたお知らせ: what goes on all the same, and how to go on whole."""

    label = _("新しい収集と発行を止めたお知らせ")
    product: str
    reason: str
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class FolderLinkSent(Letter):
    """書類の提出のお願い: a link by which somebody without an ID hands in files of electronic transactions."""

    label = _("書類の提出のお願い")
    valid_until: datetime
    most_files: str
    link: LateLink


@dataclass(frozen=True, kw_only=True)
class UseStarted(Letter):
    """導入作業開始のお知らせ: the addresses to keep, the user ID, and a link instead of a password (000-23, 000-24)."""

    label = _("導入作業開始のお知らせ")
    product: str
    administrator_address: str
    certificate_address: str
    organisation_code: str
    user_id: str
    issued_to: str
    link: LateLink
    what_next: tuple[str, ...] = ()


ALL: tuple[type[Letter], ...] = (
    Invitation,
    Reminder,
    Receipt,
    SentBack,
    EnteredFor,
    Verified,
    NumberDisposed,
    Activation,
    Reset,
    PasswordChanged,
    NewDevice,
    MailChanged,
    NewMailCode,
    OwnMailChanged,
    MailCode,
    CertificatePassword,
    CertificateEnding,
    CardEnding,
    CertificateUnused,
    FactorAdded,
    FactorRevoked,
    IdIssued,
    IdChanged,
    SecondFactorFailed,
    SealedNoticeReady,
    ApplicationReceived,
    ApplicationSentBack,
    ApplicationConfirmed,
    ApplicationRejected,
    ApplicationVoid,
    WindowClosing,
    RegistrationCardDelivered,
    LicenceKeyIssued,
    SupportRenewed,
    LicenceEnding,
    FolderLinkSent,
    LicenceEnded,
    WorkStopped,
    UseStarted,
    SelfResetLink,
    SelfResetWay,
    SelfResetDone,
    HandOverNews,
    SlipsShown,
    SlipsUsed,
)
TO_OTHER_ADDRESSES: tuple[type[Letter], ...] = (MailChanged, NewMailCode, OwnMailChanged)
"""What may go to an address that is no longer, or not yet, the member's."""
BY_NAME: dict[str, type[Letter]] = {kind.kind(): kind for kind in ALL}

PLACEHOLDERS: dict[str, str] = {
    "organisation_name": "組織名",
    "name": "氏名",
    "due_on": "提出期限",
    "valid_until": "リンクの有効期限",
    "contact": "問合せ先",
    "link": "リンク",
    "reason": "理由",
    "submitted_at": "提出日時",
    "receipt": "受付番号",
    "purposes": "利用目的",
    "papers": "書類",
    "reasons": "差戻しの理由",
    "words": "担当者のことば",
    "entered_by": "入力した人",
    "channel": "受け取り方",
    "confirmed_on": "確認日",
    "of_whom": "だれの番号か",
    "done_on": "廃棄した日",
    "changed_at": "変更日時",
    "signed_in_at": "サインイン日時",
    "failed_at": "失敗した日時",
    "browser": "端末",
    "code": "確認コード",
    "issued_to": "発行先",
    "opening": "ファイルのパスワード",
    "subject": "件名",
    "starts_on": "利用開始日",
    "settings_deadline": "システム設定の期限",
    "last_day": "見られる最後の日",
    "ends_on": "期限の日",
    "stops_on": "止まる日",
    "what_next": "次にすること",
    "issued_on": "発行した日",
    "factor": "確認の方法",
    "factor_name": "登録した名前",
    "user_id": "利用者ID",
    "organisation_code": "組織コード",
    "support_code": "お問合せ番号",
    "person": "対象の人",
    "news": "知らせ",
    "from_person": "引き継ぐ人",
    "to_person": "引き受ける人",
    "done_by": "操作した人",
    "waits_until": "待つ期限",
    "product": "製品",
    "card_number": "製品登録番号",
    "registering_code": "登録用の確認番号",
    "support_confirmation": "保守契約用の確認番号",
    "licence_key": "ライセンスキー",
    "support_id": "サポートID",
    "administrator_address": "管理者のアドレス",
    "certificate_address": "電子証明書を取得するアドレス",
    "most_files": "件数の上限",
}
"""The name of each field as it stands between braces in an edited text."""


_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in ALL}


def names_of_fields(kind: type[Letter]) -> tuple[str, ...]:
    """The fields of a kind, in order."""
    return _FIELDS[kind]


def has_link(kind: type[Letter]) -> bool:
    """Whether letters of a kind carry a link, which an edited text must keep."""
    return "link" in names_of_fields(kind)


def to_values(letter: Letter) -> dict[str, Any]:
    """The fields of a letter as JSON values; runs of twelve digits in texts are masked, whoever typed them (N-06)."""
    return {name: _packed(getattr(letter, name)) for name in names_of_fields(type(letter))}


def from_values(kind: str, values: dict[str, Any]) -> Letter:
    """The letter that `to_values` packed; a field that a release has added since has its default.

    Raises KeyError for an unknown kind or a missing field.
    """
    found = BY_NAME[kind]
    known = [field for field in fields(found) if field.name in values or field.default is MISSING]
    return found(**{field.name: _UNPACK[str(field.type)](values[field.name]) for field in known})


def _packed(value: Any) -> Any:
    if isinstance(value, str):
        return mask_numbers(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, LateLink):
        return {"kind": value.kind, "reference": value.reference}
    return [mask_numbers(item) for item in value]


_UNPACK: dict[str, Callable[[Any], Any]] = {
    "str": str,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "tuple[str, ...]": tuple,
    "LateLink": lambda value: LateLink(**value),
}


def sample(kind: type[Letter], *, organisation_name: str, name: str, at: datetime) -> Letter:
    """A letter with invented values, for previews and test letters; its link leads to the site's first page."""
    values: dict[str, Any] = {
        "organisation_name": organisation_name,
        "name": name,
        "due_on": at.date() + timedelta(days=14),
        "valid_until": at + timedelta(days=14),
        "contact": "総務課 電話 00-0000-0000",
        "link": LateLink(kind="page", reference="/"),
        "reason": "まだ入力が始まっていません",
        "submitted_at": at,
        "receipt": "見本-0001",
        "purposes": ("源泉徴収票・給与支払報告書の作成", "健康保険・厚生年金保険の届出"),
        "papers": ("マイナンバーカード(表)", "マイナンバーカード(裏)"),
        "reasons": ("画像がぼやけていて読めません",),
        "words": "明るいところで撮り直してください。",
        "entered_by": "江藤 栄",
        "channel": "書面で受け取りました",
        "confirmed_on": at.date(),
        "of_whom": ("青木 葵", "青木 直"),
        "done_on": at.date(),
        "changed_at": at,
        "signed_in_at": at,
        "failed_at": at,
        "browser": "Chrome (Windows)",
        "subject": "職員ID hinoki0412 の初期パスワード",
        "starts_on": at.date() + timedelta(days=7),
        "settings_deadline": at.date() + timedelta(days=3),
        "ends_on": at.date() + timedelta(days=28),
        "what_next": ("メールのリンクを開き、自分のパスワードを決めます。",),
        "stops_on": at.date() + timedelta(days=59),
        "issued_on": at.date() - timedelta(days=61),
        "last_day": at.date() + timedelta(days=9),
        "code": LateLink(kind="sample_code", reference="見本"),
        "issued_to": "Aoba Trading Co., Ltd. AOKI Aoi",
        "opening": LateLink(kind="sample_code", reference="見本"),
        "factor": "パスキー",
        "factor_name": "会社のパソコン",
        "user_id": "okada-0012",
        "organisation_code": "okada",
        "support_code": "HJ4K-9P",
        "person": "岡田 修",
        "news": "終わりました",
        "from_person": "青木 葵",
        "to_person": "江藤 栄",
        "done_by": "江藤 栄",
        "waits_until": at + timedelta(hours=24),
        "product": "割符 収集と保管",
        "card_number": "見本-0000-0000",
        "registering_code": LateLink(kind="sample_code", reference="見本"),
        "support_confirmation": LateLink(kind="sample_code", reference="見本"),
        "licence_key": LateLink(kind="sample_code", reference="見本"),
        "support_id": "見本-0000",
        "administrator_address": "warifu.example/signin/?o=okada",
        "certificate_address": "warifu.example/certificates/obtain/",
        "most_files": "50",
    }
    return kind(**{field: values[field] for field in names_of_fields(kind)})
