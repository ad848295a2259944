"""業種: which industries may share one sign-on, and which statistics each may have (002-14, seeds.md B2.5, B2.6).
Data with their source; groups whose number could not be read from the source are marked uncertain."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from warifu.foundation.refusals import translatable as _

STATISTICS_SOURCE = "NACCS掲示板 Q&A 2014052000145"
GROUPS_SOURCE = "paperzz.com 6086383(古い版。第1群のほかは番号を読み取れない)"


@dataclass(frozen=True, kw_only=True)
class Industry:
    """An industry: what it may have, and which settings it must apply for besides the name."""

    key: str
    name: str
    may_pay: bool
    is_free: bool
    may_keep: bool
    needs_settings: bool = True


def _industry(key: str, name: str, marks: str, *, needs_settings: bool = True) -> Industry:
    paid, free, keep = (mark == "○" for mark in marks)
    return Industry(key=key, name=name, may_pay=paid, is_free=free, may_keep=keep, needs_settings=needs_settings)


INDUSTRIES: dict[str, Industry] = {
    industry.key: industry
    for industry in (
        _industry("customs", _("通関業"), "○○×"),
        _industry("own_customs", _("自社通関"), "○○×"),
        _industry("customs_specialist", _("通関士"), "×××"),
        _industry("trader", _("輸出入者"), "○○×"),
        _industry("trader_fx", _("輸出入者（外為法関連業務用）"), "×××"),
        _industry("consolidation", _("混載業（航空）"), "○××"),
        _industry("air_agent", _("航空貨物代理店"), "○××"),
        _industry("airline", _("航空会社"), "○×○"),
        _industry("aircraft_supplies", _("機用品業"), "○×○"),
        _industry("captains_proxy", _("機長代理"), "×××", needs_settings=False),
        _industry("bonded", _("保税蔵置場"), "○×○"),
        _industry("cy", _("CY（海上）"), "○×○"),
        _industry("sea_forwarding", _("海貨業"), "○××"),
        _industry("nvocc", _("NVOCC"), "○××"),
        _industry("shipping", _("船会社"), "○○×"),
        _industry("ship_agent", _("船舶代理店"), "○○×"),
        _industry("van_pool", _("バンプール"), "×××"),
        _industry("insurer", _("保険会社"), "×××", needs_settings=False),
        _industry("bank", _("銀行"), "×××", needs_settings=False),
        _industry("general", _("一般申請者"), "○××", needs_settings=False),
    )
}


@dataclass(frozen=True, kw_only=True)
class SignOnGroup:
    """Industries that may share one sign-on."""

    key: str
    industries: frozenset[str]
    is_certain: bool


GROUPS: tuple[SignOnGroup, ...] = (
    SignOnGroup(
        key="I",
        industries=frozenset(
            (
                "customs",
                "customs_specialist",
                "consolidation",
                "airline",
                "aircraft_supplies",
                "trader",
                "sea_forwarding",
                "nvocc",
                "air_agent",
                "general",
            )
        ),
        is_certain=True,
    ),
    SignOnGroup(key="bonded", industries=frozenset(("bonded", "cy")), is_certain=False),
    SignOnGroup(key="ships", industries=frozenset(("shipping", "ship_agent")), is_certain=False),
    SignOnGroup(key="bank", industries=frozenset(("bank",)), is_certain=False),
    SignOnGroup(key="van_pool", industries=frozenset(("van_pool", "general")), is_certain=False),
)
NEVER_SHARED = frozenset(("own_customs", "customs_specialist"))
"""The sheet's note: own-account customs (other than airlines) and customs specialist cannot use single sign-on."""


@dataclass(frozen=True, kw_only=True)
class Sharing:
    """Whether industries may share one sign-on; if not, why, and the one change that would make it possible.

    `is_certain` is False where only an uncertain group says so.
    """

    is_possible: bool
    is_certain: bool = True
    reason: str = ""
    remove: tuple[str, ...] = ()


def sharing(*, industries: Collection[str]) -> Sharing:
    """Whether industries may share one sign-on (features.md 8).

    One industry alone needs no sharing. `remove` names the fewest industries that would have to go elsewhere.
    """
    wanted = frozenset(industries)
    if len(wanted) < 2:
        return Sharing(is_possible=True)
    alone = wanted & NEVER_SHARED - (frozenset(("own_customs",)) if "airline" in wanted else frozenset())
    if alone:
        return Sharing(
            is_possible=False,
            reason=_("自社通関（航空会社を除く）と通関士は、シングルサインオンを使えません。"),
            remove=tuple(sorted(alone)),
        )
    groups = [group for group in GROUPS if wanted <= group.industries | {"own_customs"}]
    if groups:
        return Sharing(is_possible=True, is_certain=any(group.is_certain for group in groups))
    best = max(GROUPS, key=lambda group: len(wanted & group.industries))
    return Sharing(
        is_possible=False,
        is_certain=best.is_certain,
        reason=_("選んだ業種は、同じ群に入っていません。別の利用者コードにして、別々にサインオンします。"),
        remove=tuple(sorted(wanted - best.industries)),
    )


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """What a user code may have: a code with several industries may take what any of them may take."""

    may_pay: bool
    is_free: bool
    may_keep: bool


def statistics(*, industries: Collection[str]) -> Statistics:
    """The management statistics that a user code may have (002-14)."""
    found = [INDUSTRIES[key] for key in industries]
    return Statistics(
        may_pay=any(each.may_pay for each in found),
        is_free=any(each.is_free for each in found),
        may_keep=any(each.may_keep for each in found),
    )
