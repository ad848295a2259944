"""The side navigation of the desk: what this person may open, and where they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.http import HttpRequest
from django.urls import NoReverseMatch, get_script_prefix, reverse
from django.utils.translation import gettext

from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission, may

if TYPE_CHECKING:
    from warifu.credentials.queries.sessions import LivingSession


@dataclass(frozen=True, kw_only=True)
class Item:
    """One entry, ready to be drawn."""

    name: str
    icon: str
    address: str
    is_current: bool


@dataclass(frozen=True, kw_only=True)
class Group:
    """Entries that belong together, under a heading (empty for the first)."""

    name: str
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class _Place:
    name: str
    icon: str
    view: str
    permission: Permission
    for_offices: bool = False
    also: tuple[str, ...] = ()
    """Modules whose pages lie below this entry, beside its own."""

    def holds(self, module: str) -> bool:
        """Whether pages of a module lie below this entry."""
        return module in (self.view.rpartition(".")[0], *self.also)


_MAP: tuple[tuple[str, tuple[_Place, ...]], ...] = (
    (
        "",
        (
            _Place(name=_("きょうの仕事"), icon="home", view="desk:home.page", permission=Permission.DESK_ENTER),
            _Place(name=_("業務の流れ"), icon="book", view="desk:flow.page", permission=Permission.DESK_ENTER),
        ),
    ),
    (
        _("集める"),
        (
            _Place(
                name=_("名簿の取込み"),
                icon="upload",
                view="desk:rosters.listing",
                permission=Permission.ROSTER_LOAD,
            ),
            _Place(
                name=_("提出の状況"),
                icon="people",
                view="desk:people.listing",
                permission=Permission.PEOPLE_VIEW,
                also=("desk:invitations", "desk:proxy_entry"),
            ),
            _Place(
                name=_("本人確認"),
                icon="shield",
                view="desk:verification.queue",
                permission=Permission.VERIFY,
            ),
            _Place(name=_("メール"), icon="mail", view="desk:letters.listing", permission=Permission.INVITE),
            _Place(
                name=_("従業員向けマニュアル"),
                icon="phone",
                view="desk:employee_manual.page",
                permission=Permission.INVITE,
            ),
        ),
    ),
    (
        _("顧問先"),
        (
            _Place(
                name=_("顧問先の見渡し"),
                icon="two",
                view="desk:cockpit.page",
                permission=Permission.CUSTOMERS_MANAGE,
                for_offices=True,
            ),
            _Place(
                name=_("顧問先と担当者"),
                icon="people",
                view="desk:customers.listing",
                permission=Permission.CUSTOMERS_MANAGE,
                also=("desk:customer_persons",),
                for_offices=True,
            ),
            _Place(
                name=_("届出・お問い合わせ"),
                icon="mail",
                view="desk:inquiries.listing",
                permission=Permission.CUSTOMERS_MANAGE,
                for_offices=True,
            ),
        ),
    ),
    (
        _("守る"),
        (
            _Place(
                name=_("事務所への委託"),
                icon="hand",
                view="desk:entrustments.listing",
                permission=Permission.HANDLING_MANAGE,
            ),
            _Place(
                name=_("取扱いの定め"),
                icon="book",
                view="desk:handling.page",
                permission=Permission.HANDLING_MANAGE,
            ),
            _Place(
                name=_("保存と廃棄"),
                icon="trash",
                view="desk:disposals.listing",
                permission=Permission.DISPOSALS_READ,
                also=("desk:keepings", "desk:holds"),
            ),
            _Place(name=_("監査証跡"), icon="clock", view="desk:trail.page", permission=Permission.TRAIL_VIEW),
        ),
    ),
    (
        _("電子帳簿"),
        (
            _Place(
                name=_("保存フォルダ"),
                icon="folder",
                view="desk:folders.listing",
                permission=Permission.FOLDERS_READ,
                also=(
                    "desk:folder_access",
                    "desk:folder_customers",
                    "desk:folder_exports",
                    "desk:folder_history",
                    "desk:folder_intake",
                    "desk:folder_lists",
                    "desk:folder_papers",
                    "desk:folder_records",
                    "desk:folder_stamps",
                ),
            ),
        ),
    ),
    (
        _("運営"),
        (
            _Place(
                name=_("申込みの審査"),
                icon="check",
                view="review:applications.listing",
                permission=Permission.REVIEW,
            ),
            _Place(
                name=_("請求予定と料金"),
                icon="book",
                view="review:billing.listing",
                permission=Permission.REVIEW,
            ),
            _Place(
                name=_("製品登録番号カード"),
                icon="card",
                view="review:card_batches.listing",
                permission=Permission.LICENCES_MANAGE,
            ),
            _Place(
                name=_("マイキーIDの受付"),
                icon="calendar",
                view="review:mykey.stage",
                permission=Permission.LICENCES_MANAGE,
            ),
            _Place(
                name=_("届出・お問い合わせ"),
                icon="mail",
                view="desk:inquiries.operator",
                permission=Permission.LICENCES_MANAGE,
            ),
            _Place(
                name=_("見つからなかった言葉"),
                icon="search",
                view="desk:help_words.page",
                permission=Permission.HELP_KEEP,
            ),
            _Place(
                name=_("ライセンス"),
                icon="key",
                view="review:licences.listing",
                permission=Permission.LICENCES_MANAGE,
            ),
        ),
    ),
    (
        _("だれが入れるか"),
        (
            _Place(
                name=_("利用者と役割"),
                icon="person",
                view="desk:members.listing",
                permission=Permission.MEMBERS_MANAGE,
                also=("desk:member_security",),
            ),
            _Place(
                name=_("利用者ID"),
                icon="card",
                view="desk:ids.listing",
                permission=Permission.IDS_ISSUE,
                for_offices=True,
            ),
            _Place(
                name=_("使える端末"),
                icon="phone",
                view="desk:access_keys.listing",
                permission=Permission.IDS_ISSUE,
                for_offices=True,
            ),
            _Place(
                name=_("パスワードの再設定"),
                icon="unlock",
                view="desk:resets.listing",
                permission=Permission.RESETS_START,
            ),
            _Place(
                name=_("お問合せ番号"),
                icon="help",
                view="desk:support_codes.page",
                permission=Permission.RESETS_START,
            ),
            _Place(
                name=_("封緘通知"),
                icon="lock",
                view="desk:sealed_notices.listing",
                permission=Permission.IDS_ISSUE,
            ),
            _Place(
                name=_("だれが何をできるか"),
                icon="hand",
                view="desk:permissions.page",
                permission=Permission.DESK_ENTER,
            ),
            _Place(
                name=_("だれが何を示すか"),
                icon="shield",
                view="desk:sign_in_policy.page",
                permission=Permission.SECURITY_MANAGE,
            ),
            _Place(
                name=_("電子証明書"),
                icon="key",
                view="desk:certificates.listing",
                permission=Permission.SECURITY_MANAGE,
            ),
        ),
    ),
    (
        _("申込みと契約"),
        (
            _Place(
                name=_("利用者コードの申込み"),
                icon="two",
                view="desk:applications.listing",
                permission=Permission.APPLY,
                also=("desk:application_dates", "desk:application_results"),
            ),
            _Place(
                name=_("ライセンス・接続情報"),
                icon="key",
                view="desk:licences.page",
                permission=Permission.SECURITY_MANAGE,
            ),
        ),
    ),
    (
        _("つなぐ・引き継ぐ"),
        (
            _Place(
                name=_("外部のID基盤"),
                icon="forward",
                view="desk:identity_providers.listing",
                permission=Permission.SECURITY_MANAGE,
            ),
            _Place(
                name=_("姉妹サービス"),
                icon="two",
                view="desk:sister_services.listing",
                permission=Permission.SECURITY_MANAGE,
            ),
            _Place(
                name=_("連携トークン"),
                icon="key",
                view="desk:tokens.listing",
                permission=Permission.TOKENS_MANAGE,
            ),
            _Place(
                name=_("管理者の引継ぎ"),
                icon="forward",
                view="desk:hand_over.page",
                permission=Permission.SECURITY_MANAGE,
            ),
            _Place(
                name=_("再開のための割符"),
                icon="tally",
                view="desk:recovery_slips.page",
                permission=Permission.SECURITY_MANAGE,
            ),
        ),
    ),
    (
        _("全体"),
        (
            _Place(
                name=_("営業日"),
                icon="calendar",
                view="desk:calendar.page",
                permission=Permission.SETTINGS_MANAGE,
            ),
            _Place(
                name=_("設定"),
                icon="gear",
                view="desk:settings.page",
                permission=Permission.SETTINGS_MANAGE,
            ),
            _Place(
                name=_("ヘルプの記事"),
                icon="pencil",
                view="desk:help_articles.listing",
                permission=Permission.HELP_WRITE,
            ),
            _Place(
                name=_("サインインと安全"),
                icon="lock",
                view="entrance:security.page",
                permission=Permission.OWN_RECORD,
            ),
        ),
    ),
)


def of(request: HttpRequest, session: LivingSession) -> list[Group]:
    """The groups of entries that a signed-in person may open; the entry that holds the page's module is current."""
    here = request.resolver_match.view_name.rpartition(".")[0] if request.resolver_match else ""
    groups = []
    for heading, places in _MAP:
        items = tuple(
            Item(
                name=gettext(place.name),
                icon=place.icon,
                address=address,
                is_current=place.holds(here),
            )
            for place in places
            if (session.is_office or not place.for_offices)
            and may(by=session.actor, permission=place.permission, organisation_id=session.organisation_id)
            and (address := _address(place.view, get_script_prefix()))
        )
        if items:
            groups.append(Group(name=gettext(heading) if heading else "", items=items))
    return groups


@cache
def _address(view: str, _prefix: str) -> str:
    """The address of a view under a prefix, looked up once a process."""
    try:
        return reverse(view)
    except NoReverseMatch:
        return ""
