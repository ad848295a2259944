"""確かめる項目: what the checker looks at for one person, and what the answers establish for `identity.decide`.

Items follow from the papers that were handed in. A tick says "I saw that it fits"; a day is read off the paper (I-09).
Codes hold no id and no number, because the verification record keeps them (I-19).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from warifu.collection.rules.card import Reading
from warifu.collection.rules.identity import CardRead, Case, Evident, Relation, Shown
from warifu.collection.rules.papers import PAPERS, Dated, Method, Office, Paper, Proof
from warifu.foundation.refusals import translatable as _


class Kind(Enum):
    """How an item is answered."""

    TICK = "tick"
    DAY = "day"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing to check. Of the items that share an `either` one is enough (I-05)."""

    code: str
    kind: Kind
    label: str
    hint: str = ""
    either: str = ""


@dataclass(frozen=True, kw_only=True)
class Group:
    """What is checked on one paper: `use` is number, identity or authority."""

    use: str
    paper: str
    items: tuple[Item, ...]


@dataclass(frozen=True, kw_only=True)
class Person:
    """One person of a submission, as the rules see them. `key` is `self`, or `d1`, `d2` … for family members.

    `pictures` are the papers that were handed in, each with its sides; the number paper among them is `number_paper`.
    """

    key: str
    relation: Relation = Relation.EMPLOYEE
    method: str = ""
    number_paper: str = ""
    identity_papers: tuple[str, ...] = ()
    pictures: tuple[tuple[str, str], ...] = ()
    spouse_path: str = ""
    is_ticked: bool = False
    account_is_verified: bool = False
    reading: Reading | None = None

    def sides_of(self, paper: str) -> frozenset[str]:
        """The sides of a paper that pictures show."""
        return frozenset(side for code, side in self.pictures if code == paper)

    def has_card(self) -> bool:
        """Whether the number paper is a card whose front is there too, so that it proves the identity as well."""
        paper = PAPERS.get(self.number_paper)
        sides = self.sides_of(self.number_paper)
        return paper is not None and paper.proof is Proof.CARD and bool(sides & {"front", "both"})


def groups(person: Person) -> tuple[Group, ...]:
    """What the checker has to look at for a person; empty for a tax dependent, whom the employee checked (I-14)."""
    if person.relation is Relation.TAX_DEPENDENT:
        return ()
    if person.relation is Relation.THIRD_CATEGORY_SPOUSE:
        return _spouse_groups(person)
    found = [_number_group(person)] if person.number_paper in PAPERS else []
    if person.has_card():
        found.append(_identity_group(person, PAPERS[person.number_paper]))
    found += [_identity_group(person, PAPERS[code]) for code in person.identity_papers if code in PAPERS]
    if person.reading is not None:
        found = [_card_group(person)] + ([] if person.reading.has_number else found)
    return tuple(found)


def missing(found: Iterable[Group], answers: Mapping[str, str]) -> list[Item]:
    """The items without an answer, in order; of those that share an `either` the first, when none is answered."""
    open_items: list[Item] = []
    items = [item for group in found for item in group.items]
    answered = {item.either for item in items if item.either and answers.get(item.code)}
    for item in items:
        if answers.get(item.code) or item.either in answered:
            continue
        if item.either:
            answered.add(item.either)
        open_items.append(item)
    return open_items


def case(
    person: Person,
    answers: Mapping[str, str],
    *,
    on: date,
    office: Office,
    evident: Evident | None = None,
    employee_is_accepted: bool = False,
) -> Case:
    """The case that a checker's answers make of a person. Days must be ISO days; `read_day` says whether they are."""
    given = Case(
        on=on,
        relation=person.relation,
        office=office,
        account_is_verified=person.account_is_verified and person.method == Method.VERIFIED_ACCOUNT,
        evident=evident,
        ticked_by_employee=person.is_ticked,
        spouse_path=person.spouse_path,
        employee_is_accepted=employee_is_accepted,
    )
    if person.relation is Relation.TAX_DEPENDENT:
        return given
    if person.relation is Relation.THIRD_CATEGORY_SPOUSE:
        return replace(
            given,
            number_paper=_number_shown(person, answers) if person.sides_of("spouse_number") else None,
            mandate_is_good=bool(person.sides_of("mandate") and answers.get(f"{person.key}.mandate.fits")),
            entrustment_is_written=bool(
                person.sides_of("entrustment") and answers.get(f"{person.key}.entrustment.fits")
            ),
        )
    return replace(
        given,
        card_read=_card_read(person.reading, answers, start=f"{person.key}.card") if person.reading else None,
        number_paper=_number_shown(person, answers) if person.sides_of(person.number_paper) else None,
        identity_papers=tuple(
            _identity_shown(person, code, answers) for code in person.identity_papers if person.sides_of(code)
        ),
    )


def read_day(text: str) -> date | None:
    """The day of an answer, or None when it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number_group(person: Person) -> Group:
    paper = PAPERS[person.number_paper]
    start = f"{person.key}.number"
    items = [
        Item(
            code=f"{start}.equal",
            kind=Kind.TICK,
            label=_("番号が1桁ずつ合っている"),
            hint=_("検査用の数字は合っています。写真でも確かめてください"),
        ),
        Item(code=f"{start}.name", kind=Kind.TICK, label=_("氏名が合っている")),
    ]
    if paper.must_be_unchanged:
        items.append(
            Item(
                code=f"{start}.unchanged",
                kind=Kind.TICK,
                label=_("氏名と住所が、いまの住民票と同じ"),
                hint=_("通知カードは、変わっていないときだけ使えます"),
            )
        )
    if paper.proof is not Proof.CARD:
        items += _date_and_mask(start, paper)
    return Group(use="number", paper=paper.code, items=tuple(items))


def _card_group(person: Person) -> Group:
    start = f"{person.key}.card"
    either = f"{start}.person"
    items = (
        Item(
            code=f"{start}.name",
            kind=Kind.TICK,
            label=_("カードの氏名が、提出の氏名と合っている"),
            hint=_("カードは一部の漢字を別の字に置きかえて記録します"),
        ),
        Item(
            code=f"{start}.birth",
            kind=Kind.TICK,
            label=_("生年月日が合っている"),
            hint=_("名簿と合うことは、割符が確かめています。生年月日か住所の、どちらか一つで足ります"),
            either=either,
        ),
        Item(code=f"{start}.address", kind=Kind.TICK, label=_("住所が合っている"), either=either),
        Item(
            code=f"{start}.unconfirmed",
            kind=Kind.TICK,
            label=_("有効性未確認の読み取りとして記録する"),
            hint=_("失効していないかは確かめられないため、公的個人認証による確認としては記録しません"),
        ),
    )
    is_confirmed = person.reading is not None and person.reading.status == "confirmed"
    return Group(use="card", paper="card_reading", items=items[:-1] if is_confirmed else items)


def _card_read(reading: Reading, answers: Mapping[str, str], *, start: str) -> CardRead:
    return CardRead(
        has_number=reading.has_number,
        name_equal=bool(answers.get(f"{start}.name")),
        birth_equal=True if answers.get(f"{start}.birth") else None,
        address_equal=True if answers.get(f"{start}.address") else None,
        is_confirmed=reading.status == "confirmed",
    )


def _identity_group(person: Person, paper: Paper) -> Group:
    start = f"{person.key}.{paper.code}"
    either = f"{start}.person"
    items = [
        Item(code=f"{start}.name", kind=Kind.TICK, label=_("氏名が合っている")),
        Item(
            code=f"{start}.birth",
            kind=Kind.TICK,
            label=_("生年月日が合っている"),
            hint=_("生年月日か住所の、どちらか一つで足ります"),
            either=either,
        ),
        Item(code=f"{start}.address", kind=Kind.TICK, label=_("住所が合っている"), either=either),
        *_date_and_mask(start, paper),
    ]
    return Group(use="identity", paper=paper.code, items=tuple(items))


def _date_and_mask(start: str, paper: Paper) -> list[Item]:
    items: list[Item] = []
    if paper.dated is Dated.EXPIRES:
        hint = _("写真から読みとって入れます")
        items.append(Item(code=f"{start}.expires", kind=Kind.DAY, label=_("有効期限"), hint=hint))
    elif paper.dated is Dated.ISSUED:
        hint = _("発行から6か月以内のものを使います")
        items.append(Item(code=f"{start}.issued", kind=Kind.DAY, label=_("発行の日"), hint=hint))
    elif paper.dated is Dated.ISSUED_SINCE:
        hint = _("2012年4月1日以後に交付されたものを使います")
        items.append(Item(code=f"{start}.issued", kind=Kind.DAY, label=_("交付の日"), hint=hint))
    if paper.masking:
        items.append(
            Item(code=f"{start}.masked", kind=Kind.TICK, label=_("隠すところが隠れている"), hint=paper.masking)
        )
    return items


def _spouse_groups(person: Person) -> tuple[Group, ...]:
    if person.spouse_path == Method.AGENT:
        number = Group(
            use="number",
            paper="spouse_number",
            items=(
                Item(
                    code=f"{person.key}.number.equal",
                    kind=Kind.TICK,
                    label=_("番号が1桁ずつ合っている"),
                    hint=_("カードの裏か、発行から6か月以内の住民票"),
                ),
                Item(code=f"{person.key}.number.name", kind=Kind.TICK, label=_("氏名が合っている")),
            ),
        )
        return (number, _authority_group(person, "mandate", _("二人の名前と日付が合っている")))
    if person.spouse_path == Method.ENTRUSTED:
        return (_authority_group(person, "entrustment", _("会社からの委託の書面がある")),)
    return ()


def _authority_group(person: Person, paper: str, label: str) -> Group:
    item = Item(code=f"{person.key}.{paper}.fits", kind=Kind.TICK, label=label)
    return Group(use="authority", paper=paper, items=(item,))


def _number_shown(person: Person, answers: Mapping[str, str]) -> Shown:
    code = "spouse_number" if person.relation is Relation.THIRD_CATEGORY_SPOUSE else person.number_paper
    start = f"{person.key}.number"
    shown = Shown(
        paper=code,
        sides=person.sides_of(code),
        number_equal=bool(answers.get(f"{start}.equal")),
        name_equal=bool(answers.get(f"{start}.name")),
        is_unchanged=bool(answers.get(f"{start}.unchanged")),
    )
    dated = f"{person.key}.{code}" if person.has_card() else start
    return _with_answers(shown, dated, answers, with_person=person.has_card())


def _identity_shown(person: Person, code: str, answers: Mapping[str, str]) -> Shown:
    return _with_answers(
        Shown(paper=code, sides=person.sides_of(code)), f"{person.key}.{code}", answers, with_person=True
    )


def _with_answers(shown: Shown, start: str, answers: Mapping[str, str], *, with_person: bool) -> Shown:
    found = replace(
        shown,
        expires_on=read_day(answers.get(f"{start}.expires", "")),
        issued_on=read_day(answers.get(f"{start}.issued", "")),
        is_masked=bool(answers.get(f"{start}.masked")),
    )
    if not with_person:
        return found
    return replace(
        found,
        name_equal=found.name_equal and bool(answers.get(f"{start}.name")),
        birth_equal=True if answers.get(f"{start}.birth") else None,
        address_equal=True if answers.get(f"{start}.address") else None,
    )
