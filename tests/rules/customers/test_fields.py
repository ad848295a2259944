"""What a field of a customer's record takes, and what it refuses."""

from __future__ import annotations

import pytest

from warifu.customers.rules import entrusting, records
from warifu.customers.rules.entrusting import NEEDED, TASK_PERMISSIONS, Clause, Task
from warifu.organisations.rules import Permission

FIELDS = {field.name: field for field in records.CUSTOMER_FIELDS}


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("name", "  株式会社　青葉  商会 ", "株式会社 青葉 商会"),
        ("kana", "あおばしょうかい", "アオバショウカイ"),
        ("code", "Ａ－０１", "A-01"),
        ("corporate_number", "７０００－０１２０－５０００２", "7000012050002"),
        ("postal_code", "１００－０００１", "1000001"),
        ("phone", "０３－１２３４－５６７８", "03-1234-5678"),
        ("mail", "Keiri@Aoba.Example", "keiri@aoba.example"),
        ("closing_month", "１２", "12"),
        ("note", "一行目\n二行目", "一行目\n二行目"),
        ("address", "", ""),
    ],
)
def test_a_value_is_kept_in_its_normal_form(name: str, typed: str, kept: str) -> None:
    assert records.cleaned(field=FIELDS[name], text=typed) == kept


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("name", ""),
        ("name", "あ" * 201),
        ("name", "青葉\x00商会"),
        ("corporate_number", "1234567890123"),
        ("postal_code", "10000"),
        ("phone", "電話なし"),
        ("phone", "-"),
        ("mail", "keiri"),
        ("mail", "a@b"),
        ("mail", "a b@c.example"),
        ("closing_month", "13"),
        ("closing_month", "0"),
        ("code", "青 葉"),
    ],
)
def test_a_value_that_cannot_stand_is_refused_and_not_repeated(name: str, typed: str) -> None:
    with pytest.raises(records.FieldWrong) as refused:
        records.cleaned(field=FIELDS[name], text=typed)
    assert refused.value.values["field_name"] == FIELDS[name].label
    assert not typed or typed not in refused.value.values["reason"]


@pytest.mark.shows("S-14")
@pytest.mark.parametrize("missing", sorted(NEEDED, key=str))
def test_an_entrustment_needs_every_clause_of_the_guideline(missing: Clause) -> None:
    with pytest.raises(entrusting.ClausesMissing):
        entrusting.insist_complete(tasks=[Task.PROGRESS], clauses=NEEDED - {missing})
    entrusting.insist_complete(tasks=[Task.PROGRESS], clauses=NEEDED)


def test_an_entrustment_needs_a_task() -> None:
    with pytest.raises(entrusting.NoTask):
        entrusting.insist_complete(tasks=[], clauses=NEEDED)


@pytest.mark.shows("P-07")
def test_no_task_opens_a_number() -> None:
    forbidden = {
        Permission.NUMBER_REVEAL,
        Permission.VERIFY,
        Permission.SECOND_CONFIRM,
        Permission.ENTER_FOR,
        Permission.DOCUMENTS_CHECK,
        Permission.MEMBERS_MANAGE,
        Permission.SECURITY_MANAGE,
        Permission.TOKENS_MANAGE,
        Permission.HANDLING_MANAGE,
    }
    assert not forbidden & set(TASK_PERMISSIONS.values())
    assert not {permission.value for permission in forbidden} & entrusting.scopes_of(tasks=list(Task))
