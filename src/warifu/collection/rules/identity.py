"""本人確認: whether what was shown proves the number and the person, as one pure decision.

`decide` takes the facts that a checker has established and answers with every reason against them, in the
order in which a person would mend them. Sources are named by rule: I-01 … I-16 and P-10.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from warifu.collection.rules.papers import PAPERS, Dated, Method, Office, Paper, Proof
from warifu.foundation.refusals import translatable as _


class Relation(Enum):
    """Whose number it is, which decides who must check (I-14)."""

    EMPLOYEE = "employee"
    TAX_DEPENDENT = "tax_dependent"
    THIRD_CATEGORY_SPOUSE = "third_category_spouse"
    PAYEE = "payee"


@dataclass(frozen=True, kw_only=True)
class Shown:
    """One paper as the checker saw it. None means: not looked at, or the paper does not say."""

    paper: str
    sides: frozenset[str] = frozenset({"front"})
    expires_on: date | None = None
    issued_on: date | None = None
    number_equal: bool = True
    name_equal: bool = True
    birth_equal: bool | None = True
    address_equal: bool | None = True
    is_masked: bool = True
    is_unchanged: bool = True


@dataclass(frozen=True, kw_only=True)
class Evident:
    """Why it is evident who the person is: the named witness and the earlier event (I-10)."""

    witness: str
    event: str


@dataclass(frozen=True, kw_only=True)
class CardRead:
    """A card whose signatures fitted: whether the number came along, and what the checker saw of the name.

    Its certificate's validity is unconfirmed unless an accredited operator has confirmed it (I-12).
    """

    has_number: bool
    name_equal: bool
    birth_equal: bool | None
    address_equal: bool | None
    is_confirmed: bool = False


@dataclass(frozen=True, kw_only=True)
class Transfer:
    """A consent to hand the number to the next employer (Act 19 no. 4; P-10)."""

    destination: str
    decided_on: date | None
    consented_on: date | None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Case:
    """What is to be decided for one person on one day under the rules of one office."""

    on: date
    relation: Relation = Relation.EMPLOYEE
    office: Office = Office.TAX
    number_paper: Shown | None = None
    identity_papers: tuple[Shown, ...] = ()
    account_is_verified: bool = False
    evident: Evident | None = None
    card_read: CardRead | None = None
    ticked_by_employee: bool = False
    spouse_path: str = ""
    mandate_is_good: bool = False
    entrustment_is_written: bool = False
    employee_is_accepted: bool = False
    transfer: Transfer | None = None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """Whether the case can be confirmed, by which method, and every reason why not."""

    accepts: bool
    method: str = ""
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


REASONS: dict[str, str] = {
    "number_paper_missing": _("番号の書類がありません。"),
    "not_a_number_paper": _("番号の書類として使えない書類です（個人番号通知書は使えません）。"),
    "side_missing": _("カードの必要な面がそろっていません。"),
    "number_differs": _("番号が、書類の番号と合っていません。"),
    "changed_since": _("通知カードの記載が、いまの住民票と同じではありません。"),
    "identity_missing": _("身元の書類がありません。"),
    "second_paper_needed": _("写真のない書類は、種類のちがうものが2点いります。"),
    "same_kind": _("同じ種類の書類が2点あります。種類のちがうものがいります。"),
    "not_an_identity_paper": _("身元の書類として使えない書類です。"),
    "no_longer_taken": _("この日には使えない書類です。"),
    "issued_too_early": _("交付された日が、使える日より前です。"),
    "issued_too_late": _("廃止された日から後に交付されたことになっています。"),
    "issued_too_long_ago": _("発行から6か月をこえています。"),
    "issued_in_future": _("発行の日が、きょうより後になっています。"),
    "expired": _("有効期限が切れています。"),
    "date_missing": _("有効期限か発行の日が、まだ確かめられていません。"),
    "name_differs": _("氏名が、書類と合っていません。"),
    "birth_and_address_differ": _("生年月日と住所のどちらも、書類と合っていません。"),
    "mask_needed": _("隠すことになっている記号や番号が読めます。"),
    "office_does_not_take": _("提出先が認めていない書類または方法です。"),
    "not_ticked": _("従業員が、この家族の番号を確かめた印がありません。"),
    "spouse_path_missing": _("第3号被保険者の届出では、委任状か書面の委託がいります。従業員の印だけでは足りません。"),
    "mandate_missing": _("委任状が確かめられていません。"),
    "entrustment_missing": _("従業員に確認を委託した書面が確かめられていません。"),
    "employee_not_accepted": _("先に、従業員本人の確認がいります。"),
    "witness_missing": _("本人と明らかだとするには、確かめた人の名前と、その時のことがいります。"),
    "not_for_payees": _("雇用関係のない支払先には使えない方法です。"),
    "destination_missing": _("同意に、提供先の会社が書かれていません。"),
    "destination_undecided": _("提供先が決まる前の同意です。"),
    "items_missing": _("同意に、提供する項目が書かれていません。"),
}
"""Each reason's sentence, as the checker reads it."""

NOTES: dict[str, str] = {
    "address_differs": _("住所は書類とちがいますが、氏名と生年月日が合っています。"),
    "birth_not_shown": _("生年月日は確かめていませんが、氏名と住所が合っています。"),
    "card_unconfirmed": _("カードのICを読み取りました。電子証明書の有効性は確かめていません（有効性未確認）。"),
}
"""What is accepted, with a word for the record (I-05)."""


def decide(case: Case) -> Decision:
    """Decide a case (I-01): the method that carries it, or every reason against it."""
    if case.transfer is not None:
        return _decision(Method.TRANSFER, list(_against_transfer(case, case.transfer)))
    if case.relation is Relation.TAX_DEPENDENT:
        return _decision(Method.EMPLOYEE_CHECKED, [] if case.ticked_by_employee else ["not_ticked"])
    if case.relation is Relation.THIRD_CATEGORY_SPOUSE:
        return _decide_spouse(case)
    method, against = _identity(case)
    return _decision(method, [*_against_number(case), *against], _notes(case))


def _decision(method: str, against: list[str], notes: tuple[str, ...] = ()) -> Decision:
    reasons = tuple(dict.fromkeys(against))
    return Decision(accepts=not reasons, method="" if reasons else method, reasons=reasons, notes=notes)


def _against_transfer(case: Case, transfer: Transfer) -> Iterator[str]:
    if not transfer.destination.strip():
        yield "destination_missing"
    decided, consented = transfer.decided_on, transfer.consented_on
    if decided is None or consented is None or consented < decided or consented > case.on:
        yield "destination_undecided"
    if not transfer.items:
        yield "items_missing"


def _decide_spouse(case: Case) -> Decision:
    if case.spouse_path == Method.AGENT:
        against = list(_against_number(case))
        if not case.mandate_is_good:
            against.append("mandate_missing")
        if not case.employee_is_accepted:
            against.append("employee_not_accepted")
        return _decision(Method.AGENT, against)
    if case.spouse_path == Method.ENTRUSTED:
        against = [] if case.entrustment_is_written else ["entrustment_missing"]
        return _decision(Method.ENTRUSTED, against if case.ticked_by_employee else [*against, "not_ticked"])
    return _decision("", ["spouse_path_missing"])


def _against_number(case: Case) -> Iterator[str]:
    shown = case.number_paper
    if case.card_read is not None and case.card_read.has_number:
        return
    if shown is None:
        yield "number_paper_missing"
        return
    paper = PAPERS.get(shown.paper)
    if paper is None or paper.proof not in (Proof.CARD, Proof.NUMBER):
        yield "not_a_number_paper"
        return
    if paper.proof is Proof.CARD and not shown.sides & {"back", "both"}:
        yield "side_missing"
    if not shown.number_equal:
        yield "number_differs"
    if not shown.name_equal:
        yield "name_differs"
    if paper.must_be_unchanged and not shown.is_unchanged:
        yield "changed_since"
    shows_its_day = paper.proof is not Proof.CARD or bool(shown.sides & {"front", "both"})
    yield from _against_paper(case, paper, shown, with_date=shows_its_day)


def _identity(case: Case) -> tuple[str, list[str]]:
    if case.card_read is not None:
        return Method.CARD_READ, list(_against_reading(case.card_read))
    card = _card_with_front(case)
    if card is not None:
        method = Method.NUMBER_CARD if not case.identity_papers else Method.PAPERS
        return method, list(_against_person(card))
    if case.identity_papers:
        return Method.PAPERS, list(_against_identity_papers(case))
    if case.account_is_verified:
        return Method.VERIFIED_ACCOUNT, [] if case.office is Office.TAX else ["office_does_not_take"]
    if case.evident is not None:
        return Method.EMPLOYMENT_EVIDENT, list(_against_evident(case, case.evident))
    return "", ["identity_missing"]


def _against_reading(read: CardRead) -> Iterator[str]:
    if not read.name_equal:
        yield "name_differs"
    if not read.birth_equal and not read.address_equal:
        yield "birth_and_address_differ"


def _card_with_front(case: Case) -> Shown | None:
    shown = case.number_paper
    if shown is None or not shown.sides & {"front", "both"}:
        return None
    paper = PAPERS.get(shown.paper)
    return shown if paper is not None and paper.proof is Proof.CARD else None


def _against_evident(case: Case, evident: Evident) -> Iterator[str]:
    if case.relation is Relation.PAYEE:
        yield "not_for_payees"
    if not evident.witness.strip() or not evident.event.strip():
        yield "witness_missing"


def _against_identity_papers(case: Case) -> Iterator[str]:
    plain: list[str] = []
    has_photo = False
    for shown in case.identity_papers:
        paper = PAPERS.get(shown.paper)
        if paper is None or paper.proof not in (Proof.CARD, Proof.PHOTO, Proof.PLAIN):
            yield "not_an_identity_paper"
            continue
        yield from _against_paper(case, paper, shown, with_date=True)
        yield from _against_person(shown)
        if paper.proof is Proof.PLAIN:
            plain.append(paper.code)
        else:
            has_photo = True
    if plain and not has_photo and len(set(plain)) < 2:
        yield "same_kind" if len(plain) > 1 else "second_paper_needed"


def _against_person(shown: Shown) -> Iterator[str]:
    if not shown.name_equal:
        yield "name_differs"
    if not shown.birth_equal and not shown.address_equal:
        yield "birth_and_address_differ"


def _against_paper(case: Case, paper: Paper, shown: Shown, *, with_date: bool) -> Iterator[str]:
    if not paper.taken_on(case.on):
        yield "no_longer_taken"
    if case.office not in paper.offices:
        yield "office_does_not_take"
    if paper.masking and not shown.is_masked:
        yield "mask_needed"
    if with_date:
        yield from _against_dates(case.on, paper, shown)


def _against_dates(on: date, paper: Paper, shown: Shown) -> Iterator[str]:
    issued, expires = shown.issued_on, shown.expires_on
    if paper.dated is Dated.EXPIRES and expires is None:
        yield "date_missing"
    if paper.dated in (Dated.ISSUED, Dated.ISSUED_SINCE) and issued is None:
        yield "date_missing"
    if expires is not None and expires < on:
        yield "expired"
    if issued is None:
        return
    if issued > on:
        yield "issued_in_future"
    if paper.issued_from is not None and issued < paper.issued_from:
        yield "issued_too_early"
    if paper.issued_before is not None and issued >= paper.issued_before:
        yield "issued_too_late"
    if paper.dated is Dated.ISSUED and _six_months_after(issued) < on:
        yield "issued_too_long_ago"


def _six_months_after(day: date) -> date:
    """The same day six months later, or the last day of that month when it has no such day."""
    years, month = divmod(day.month + 5, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(day.year + years, month + 1, last)
        except ValueError:
            continue
    return date(day.year + years, month + 1, day.day)


def _notes(case: Case) -> tuple[str, ...]:
    shown = [*case.identity_papers]
    card = _card_with_front(case)
    if card is not None:
        shown.append(card)
    found = []
    if case.card_read is not None and not case.card_read.is_confirmed:
        found.append("card_unconfirmed")
    if any(one.birth_equal and one.address_equal is False for one in shown):
        found.append("address_differs")
    if any(one.address_equal and not one.birth_equal for one in shown):
        found.append("birth_not_shown")
    return tuple(found)
