"""書類: which papers prove a number or an identity, from which day until which, and which pictures they take.

The tables are data with days, so that an old record stays right when a paper is no longer taken (I-02, I-08,
I-22). What a set of papers is worth is decided in `identity`; what the checker looks for is in `checklist`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, StrEnum

from warifu.foundation.purposes import Purpose
from warifu.foundation.refusals import translatable as _

RULES_AS_OF = "2026-11"
"""The edition of these tables; a verification record keeps it together with the office (I-19)."""


class Office(Enum):
    """個人番号利用事務実施者: the office whose list of further papers a check follows."""

    TAX = "tax"
    PENSION = "pension"
    EMPLOYMENT = "employment"


class Method(StrEnum):
    """本人確認の方法: exactly one for each person (I-01)."""

    NUMBER_CARD = "number_card"
    PAPERS = "papers"
    VERIFIED_ACCOUNT = "verified_account"
    EMPLOYMENT_EVIDENT = "employment_evident"
    EMPLOYEE_CHECKED = "employee_checked"
    CARD_READ = "card_read"
    AGENT = "agent"
    ENTRUSTED = "entrusted"
    TRANSFER = "act19_4"


METHODS: dict[str, str] = {
    Method.NUMBER_CARD: _("個人番号カード"),
    Method.PAPERS: _("番号の書類と身元の書類"),
    Method.VERIFIED_ACCOUNT: _("番号の書類と、確認ずみのID"),
    Method.EMPLOYMENT_EVIDENT: _("番号の書類と、雇用関係から明らかな本人"),
    Method.EMPLOYEE_CHECKED: _("従業員による確認"),
    Method.CARD_READ: _("カードの読み取り（有効性未確認）"),
    Method.AGENT: _("配偶者の代理人として従業員から"),
    Method.ENTRUSTED: _("従業員に委託した確認"),
    Method.TRANSFER: _("出向・転籍元からの提供（番号法19条4号）"),
}
"""What each method is called on screens and in records."""

CHOICES_OF_THE_PERSON = (Method.NUMBER_CARD, Method.PAPERS, Method.VERIFIED_ACCOUNT)
"""The methods that a person may choose on the phone; the others are the checker's or the law's."""


class Proof(Enum):
    """What a paper proves on its own."""

    CARD = "card"  # number and identity at once
    NUMBER = "number"
    PHOTO = "photo"  # identity, one is enough
    PLAIN = "plain"  # identity, two different ones are needed
    AUTHORITY = "authority"  # that somebody acts for another
    NONE = "none"


class Dated(Enum):
    """Which day of a paper decides whether it is still good (I-09)."""

    EXPIRES = "expires"
    ISSUED = "issued"  # within six months of its issue
    ISSUED_SINCE = "issued_since"  # issued on `issued_from` or later
    UNDATED = "undated"


ALL_OFFICES = frozenset(Office)
TAX_ONLY = frozenset({Office.TAX})


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One kind of paper. `until` is the last day it is taken; `masking` is what must be covered (I-08)."""

    code: str
    label: str
    proof: Proof
    dated: Dated = Dated.UNDATED
    sides: tuple[str, ...] = ("front",)
    optional_sides: tuple[str, ...] = ()
    masking: str = ""
    since: date | None = None
    until: date | None = None
    issued_from: date | None = None
    issued_before: date | None = None
    must_be_unchanged: bool = False
    offices: frozenset[Office] = ALL_OFFICES

    def taken_on(self, day: date) -> bool:
        """Whether the paper is taken at all on a day."""
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)


@dataclass(frozen=True, kw_only=True)
class Slot:
    """One picture to be taken. `side` is front, back or both (one file for the whole card; 001-17)."""

    slot: str
    paper: str
    side: str
    label: str
    masking: str | None = None
    required: bool = True


def _by_code(*papers: Paper) -> dict[str, Paper]:
    return {paper.code: paper for paper in papers}


_CARD_SIDES = ("back", "front")
_QR = _("裏のQRコード（個人番号が入っています）")
_INSURER = _("保険者番号、記号・番号、QRコード")
_BASIC_PENSION = _("基礎年金番号")

CARDS = _by_code(
    Paper(
        code="number_card",
        label=_("個人番号カード（マイナンバーカード）"),
        proof=Proof.CARD,
        dated=Dated.EXPIRES,
        sides=_CARD_SIDES,
    ),
    Paper(
        code="licence_number_card",
        label=_("運転免許の情報を記録した個人番号カード（マイナ免許証）"),
        proof=Proof.CARD,
        dated=Dated.EXPIRES,
        sides=_CARD_SIDES,
        since=date(2025, 3, 24),
    ),
    Paper(
        code="residence_number_card",
        label=_("在留カードと一体の個人番号カード（特定在留カード等）"),
        proof=Proof.CARD,
        dated=Dated.EXPIRES,
        sides=_CARD_SIDES,
        since=date(2026, 6, 14),
    ),
)
"""Cards that prove number and identity at once; the combined ones can be chosen apart (I-22)."""

NUMBER_PAPERS = CARDS | _by_code(
    Paper(
        code="resident_record",
        label=_("住民票の写し（個人番号が記載されたもの）"),
        proof=Proof.NUMBER,
        dated=Dated.ISSUED,
        masking=_("住民票コード"),
    ),
    Paper(
        code="resident_certificate",
        label=_("住民票記載事項証明書（個人番号が記載されたもの）"),
        proof=Proof.NUMBER,
        dated=Dated.ISSUED,
        masking=_("住民票コード"),
    ),
    Paper(
        code="notification_card",
        label=_("通知カード（記載が現在の住民票と同じもの）"),
        proof=Proof.NUMBER,
        optional_sides=("back",),
        issued_before=date(2020, 5, 25),
        must_be_unchanged=True,
    ),
)
"""Number papers (I-02, I-03). The 個人番号通知書 is none of them and stands in `NEVER_TAKEN`."""

IDENTITY_PAPERS = CARDS | _by_code(
    Paper(
        code="driving_licence",
        label=_("運転免許証"),
        proof=Proof.PHOTO,
        dated=Dated.EXPIRES,
        optional_sides=("back",),
    ),
    Paper(
        code="driving_history",
        label=_("運転経歴証明書（2012年4月1日以後に交付されたもの）"),
        proof=Proof.PHOTO,
        dated=Dated.ISSUED_SINCE,
        optional_sides=("back",),
        issued_from=date(2012, 4, 1),
    ),
    Paper(code="passport", label=_("旅券（パスポート）"), proof=Proof.PHOTO, dated=Dated.EXPIRES),
    Paper(code="disability_book", label=_("身体障害者手帳"), proof=Proof.PHOTO),
    Paper(code="mental_health_book", label=_("精神障害者保健福祉手帳"), proof=Proof.PHOTO, dated=Dated.EXPIRES),
    Paper(code="rehabilitation_book", label=_("療育手帳"), proof=Proof.PHOTO),
    Paper(
        code="residence_card",
        label=_("在留カード"),
        proof=Proof.PHOTO,
        dated=Dated.EXPIRES,
        optional_sides=("back",),
    ),
    Paper(
        code="permanent_resident",
        label=_("特別永住者証明書"),
        proof=Proof.PHOTO,
        dated=Dated.EXPIRES,
        optional_sides=("back",),
    ),
    Paper(code="tax_accountant", label=_("税理士証票"), proof=Proof.PHOTO, offices=TAX_ONLY),
    Paper(code="photo_staff", label=_("写真付きの社員証・学生証"), proof=Proof.PHOTO, offices=TAX_ONLY),
    Paper(code="photo_qualification", label=_("写真付きの公的な資格証"), proof=Proof.PHOTO, offices=TAX_ONLY),
    Paper(
        code="eligibility_certificate",
        label=_("資格確認書（健康保険）"),
        proof=Proof.PLAIN,
        dated=Dated.EXPIRES,
        masking=_INSURER,
        since=date(2024, 12, 2),
    ),
    Paper(
        code="insurance_card",
        label=_("健康保険証"),
        proof=Proof.PLAIN,
        dated=Dated.EXPIRES,
        masking=_INSURER,
        until=date(2025, 12, 1),
    ),
    Paper(
        code="pension_book",
        label=_("年金手帳・基礎年金番号通知書"),
        proof=Proof.PLAIN,
        masking=_BASIC_PENSION,
    ),
    Paper(code="child_allowance", label=_("児童扶養手当証書"), proof=Proof.PLAIN, dated=Dated.EXPIRES),
    Paper(
        code="special_child_allowance",
        label=_("特別児童扶養手当証書"),
        proof=Proof.PLAIN,
        dated=Dated.EXPIRES,
    ),
    Paper(code="plain_staff", label=_("写真のない社員証・学生証"), proof=Proof.PLAIN, offices=TAX_ONLY),
    Paper(
        code="tax_certificate",
        label=_("納税証明書"),
        proof=Proof.PLAIN,
        dated=Dated.ISSUED,
        offices=TAX_ONLY,
    ),
    Paper(
        code="utility_receipt",
        label=_("公共料金の領収書"),
        proof=Proof.PLAIN,
        dated=Dated.ISSUED,
        offices=TAX_ONLY,
    ),
    Paper(
        code="seal_certificate",
        label=_("印鑑登録証明書"),
        proof=Proof.PLAIN,
        dated=Dated.ISSUED,
        offices=TAX_ONLY,
    ),
    Paper(
        code="family_register",
        label=_("戸籍の附票の写し・謄本・抄本"),
        proof=Proof.PLAIN,
        dated=Dated.ISSUED,
        offices=TAX_ONLY,
    ),
)
"""Identity papers, with and without photograph (I-04, I-06, I-07). Those of one office only are named so."""

SPOUSE_PAPERS = _by_code(
    Paper(code="mandate", label=_("委任状"), proof=Proof.AUTHORITY),
    Paper(code="entrustment", label=_("会社からの委託の書面"), proof=Proof.AUTHORITY),
    Paper(
        code="spouse_number",
        label=_("配偶者の番号の書類（カードの裏、または番号入りの住民票）"),
        proof=Proof.NUMBER,
    ),
)
"""What a third-category spouse's number comes with (I-15): mandate and number paper, or entrustment."""

NEVER_TAKEN = _by_code(Paper(code="number_notice", label=_("個人番号通知書"), proof=Proof.NONE))
"""What people often send and what proves nothing (I-03)."""

READINGS = _by_code(Paper(code="card_reading", label=_("マイナンバーカードのICの読み取り"), proof=Proof.NONE))
"""What is read and not photographed; it counts only with what was examined of the card (I-12)."""

PAPERS = NUMBER_PAPERS | IDENTITY_PAPERS | SPOUSE_PAPERS | NEVER_TAKEN | READINGS
"""Every paper that the house knows by its code."""

SIDES: dict[str, str] = {"front": _("表"), "back": _("裏"), "both": _("表と裏")}


@dataclass(frozen=True, kw_only=True)
class Offer:
    """The papers to choose from on a day, in the order in which they are shown."""

    cards: tuple[Paper, ...]
    number_papers: tuple[Paper, ...]
    photo_papers: tuple[Paper, ...]
    plain_papers: tuple[Paper, ...]


def offered(on: date, *, office: Office = Office.TAX) -> Offer:
    """What a person may choose from on a day, under the rules of an office (I-02, I-04, I-06, I-07)."""

    def those(table: dict[str, Paper], proof: Proof) -> tuple[Paper, ...]:
        return tuple(
            paper for paper in table.values() if paper.proof is proof and paper.taken_on(on) and office in paper.offices
        )

    return Offer(
        cards=those(CARDS, Proof.CARD),
        number_papers=those(NUMBER_PAPERS, Proof.NUMBER),
        photo_papers=those(IDENTITY_PAPERS, Proof.PHOTO),
        plain_papers=those(IDENTITY_PAPERS, Proof.PLAIN),
    )


def slots(
    *,
    method: str,
    number_paper: str,
    identity_papers: Sequence[str],
    on: date,
    has_verified_account: bool = False,
    one_file: bool = False,
    card_proves: str = "",
) -> list[Slot]:
    """The pictures that a person's choice needs, each once, and nothing else (E2).

    A card takes its back and its front, or one file with both (`one_file`). With an account issued after a
    confirmed check only the number paper is asked for (I-11): of a card then only the back. Papers not taken
    on the day get no slot, so that an old draft does not ask for them. A card that was read takes none when the number
    came along (`card_proves` is number), otherwise the number paper alone.
    """
    if method == Method.CARD_READ and card_proves == "number":
        return []
    chosen = PAPERS.get(number_paper)
    found: list[Slot] = []
    if chosen is not None and chosen.taken_on(on) and chosen.proof in (Proof.CARD, Proof.NUMBER):
        sides = chosen.sides
        is_known = method == Method.VERIFIED_ACCOUNT and has_verified_account
        number_only = is_known or method in (Method.PAPERS, Method.CARD_READ)
        if chosen.proof is Proof.CARD and number_only:
            sides = ("back",)
        elif chosen.proof is Proof.CARD and one_file:
            sides = ("both",)
        found += _slots_of("number", chosen, sides)
    if method == Method.PAPERS or (method == Method.VERIFIED_ACCOUNT and not has_verified_account):
        for code in dict.fromkeys(identity_papers):
            paper = IDENTITY_PAPERS.get(code)
            if paper is not None and paper.taken_on(on):
                sides = ("front",) if paper.proof is Proof.CARD else paper.sides
                found += _slots_of("identity", paper, sides)
    return found


def _slots_of(use: str, paper: Paper, sides: Iterable[str]) -> list[Slot]:
    def slot(side: str, *, required: bool) -> Slot:
        names_side = paper.proof is Proof.CARD
        return Slot(
            slot=f"{use}.{paper.code}.{side}",
            paper=paper.code,
            side=side,
            label=f"{paper.label} {SIDES[side]}" if names_side or not required else paper.label,
            masking=_QR if names_side and side != "front" else paper.masking or None,
            required=required,
        )

    return [slot(side, required=True) for side in sides] + [slot(side, required=False) for side in paper.optional_sides]


_TAX_PURPOSES = frozenset(
    {
        Purpose.WITHHOLDING_SLIP,
        Purpose.DEPENDENTS_DECLARATION,
        Purpose.RETIREMENT_INCOME,
        Purpose.FEE_PAYMENT_RECORD,
        Purpose.RENT_PAYMENT_RECORD,
        Purpose.DIVIDEND_PAYMENT_RECORD,
        Purpose.PROPERTY_SAVINGS,
    }
)


def office_of(purposes: Iterable[Purpose]) -> Office:
    """The office whose list a check follows: tax when any tax purpose was announced, else the other one."""
    announced = frozenset(purposes)
    if announced & _TAX_PURPOSES or not announced:
        return Office.TAX
    return Office.EMPLOYMENT if announced <= {Purpose.EMPLOYMENT_INSURANCE} else Office.PENSION


def rule_version(office: Office) -> str:
    """What a verification record keeps of the rules that it followed (I-19)."""
    return f"{office.value}-{RULES_AS_OF}"
