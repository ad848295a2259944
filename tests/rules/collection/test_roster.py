"""Rows checked: layouts, corrections, errors, and people who are there already (C1, C2; J-01 … J-13)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.cast import test_number
from tests.rules.collection.roster_files import GOOD, HEAD, checked, one, opened, problems
from warifu.collection.rules.roster import CheckedRow, Person
from warifu.collection.rules.roster_cells import Notes
from warifu.collection.rules.roster_known import Fate, Known, compare
from warifu.collection.rules.roster_layout import BARE_FOUR, BARE_FOUR_MIDDLE_LAST, BARE_THREE, ColumnsUnknown, Field
from warifu.collection.rules.roster_problems import Matter


def found(row: CheckedRow) -> set[tuple[str, str, str]]:
    return {(each.column, each.severity, each.suggestion) for each in row.problems}


def codes(row: CheckedRow) -> set[str]:
    return {each.code for each in row.problems}


class TestLayout:
    @pytest.mark.shows("001-8")
    @pytest.mark.parametrize(
        ("content", "fields"),
        [
            ("a@b.jp,佐藤,花\n", BARE_THREE),
            ("a@b.jp,佐藤,マリー,花\n", BARE_FOUR),
            ("a@b.jp,佐藤,,花\nc@b.jp,田中,,愛\n", BARE_FOUR),
            ("a@b.jp,佐藤,花,\nc@b.jp,田中,愛,マリー\n", BARE_FOUR_MIDDLE_LAST),
            ("メールアドレス,姓,名\na@b.jp,佐藤,花\n", BARE_THREE),
            ("メール,氏,名,ミドルネーム\na@b.jp,佐藤,花,\n", BARE_FOUR_MIDDLE_LAST),
            ("E-mail,Last Name,First Name\na@b.jp,佐藤,花\n", BARE_THREE),
        ],
    )
    def test_bare_forms(self, content: str, fields: tuple[Field, ...]) -> None:
        roster = opened(content)
        assert (roster.layout.preset, roster.layout.fields) == ("bare", fields)
        row = checked(content)[0]
        assert (row.row, row.person.mail, row.person.family_name, row.person.given_name) == (1, "a@b.jp", "佐藤", "花")

    def test_a_full_form_in_any_order_with_strange_words(self) -> None:
        content = "【所属】,E-Mail(必須),氏名　(姓),備考,社員No.\n"
        roster = opened(content.replace("氏名　(姓)", "苗字") + "総務,a@b.jp,佐藤,x,1\n")
        assert [each and each.key for each in roster.layout.fields] == [
            "department",
            "mail",
            "family_name",
            None,
            "employee_code",
        ]
        assert roster.layout.label(3) == "備考"

    def test_titles_above_the_header_are_passed_over(self) -> None:
        rows = checked("従業員名簿,,\n2026年11月,,\nメールアドレス,姓,名\na@b.jp,佐藤,花\n")
        assert [row.person.mail for row in rows] == ["a@b.jp"]

    @pytest.mark.parametrize(
        "content", ["佐藤,花,a@b.jp\n", "1,2,3,4,5,6\n7,8,9,10,11,a@b.jp\n", "佐藤,花\n", "名簿\nです\n"]
    )
    def test_what_cannot_be_told_is_asked(self, content: str) -> None:
        with pytest.raises(ColumnsUnknown):
            opened(content)

    def test_columns_by_hand(self) -> None:
        mapping = {"0": "full_name", "2": "mail"}
        rows = checked("佐藤 花,x,a@b.jp\n", mapping=mapping, has_header=False)
        assert (rows[0].person.family_name, rows[0].person.given_name) == ("佐藤", "花")
        assert rows[0].is_accepted

    @pytest.mark.parametrize("missing", ["メールアドレス", "姓", "名"])
    def test_a_missing_column_keeps_every_row_out(self, missing: str) -> None:
        names = [name for name in HEAD.split(",") if name != missing]
        rows = checked(",".join(names) + "\n" + ",".join(GOOD[name] for name in names) + "\n")
        assert (missing, "error", "") in found(rows[0])
        assert not rows[0].is_accepted


class TestCorrections:
    @pytest.mark.shows("J-02", "J-03", "J-08")
    @pytest.mark.parametrize(
        ("column", "given", "attribute", "taken"),
        [
            ("メールアドレス", "ｓ０１＠ｅｘａｍｐｌｅ．ｊｐ", "mail", "s01@example.jp"),
            ("メールアドレス", " s01@example.jp　", "mail", "s01@example.jp"),
            ("社員番号", "０１０１", "employee_code", "0101"),
            ("社員番号", "123.0", "employee_code", "123"),
            ("電話番号", "０９０－１２３４－５６７８", "phone", "090-1234-5678"),
            ("電話番号", "9012345678", "phone", "09012345678"),
            ("セイ", "ｻﾄｳ", "family_kana", "サトウ"),
            ("セイ", "ﾊﾞﾊﾞ", "family_kana", "ババ"),
            ("メイ", "いちろう", "given_kana", "イチロウ"),
            ("姓", "　佐 藤 ", "family_name", "佐 藤"),
            ("名", "ﾏﾘｰ", "given_name", "マリー"),
            ("姓", "佐\u200b藤", "family_name", "佐藤"),
            ("生年月日", "昭和63年4月2日", "born_on", date(1988, 4, 2)),
            ("生年月日", "S63.4.2", "born_on", date(1988, 4, 2)),
            ("生年月日", "平成元年１月８日", "born_on", date(1989, 1, 8)),
            ("生年月日", "32235", "born_on", date(1988, 4, 2)),
            ("生年月日", "32235.0", "born_on", date(1988, 4, 2)),
            ("入社日", "令和元年5月1日", "hired_on", date(2019, 5, 1)),
            ("所属", "営業　 課", "department", "営業 課"),
        ],
    )
    def test_are_made_and_told(self, column: str, given: str, attribute: str, taken: Any) -> None:
        row = one(**{column: given})
        assert getattr(row.person, attribute) == taken
        assert row.is_accepted
        told = {each.column: each for each in row.problems}[column]
        assert told.severity == "warning"
        if given != "　佐 藤 ":
            assert told.suggestion == (taken.isoformat() if isinstance(taken, date) else taken)

    @pytest.mark.parametrize("given", ["1990-01-02", "1990/1/2", "19900102", "1990年1月2日", "1990/01/02 0:00:00"])
    def test_western_days_are_taken_silently(self, given: str) -> None:
        row = one(生年月日=given)
        assert (row.person.born_on, row.problems) == (date(1990, 1, 2), [])

    @pytest.mark.shows("J-04", "J-05")
    @pytest.mark.parametrize(
        ("name", "proposed"),
        [("髙橋", "高橋"), ("山\ufa11", "山崎"), ("𠮷田", "吉田"), ("\ufa19谷", "\u795e谷"), ("葛\U000e0100", "葛")],
    )
    def test_rare_letters_are_kept_and_told(self, name: str, proposed: str) -> None:
        row = one(姓=name)
        assert row.person.family_name == name
        assert ("姓", "warning", proposed) in found(row)

    def test_common_letters_are_no_matter(self) -> None:
        for name in ("高橋", "斎藤", "渡邉", "濱田", "五十嵐", "一ノ瀬", "スミス", "O'Brien", "José"):
            assert one(姓=name).problems == [], name

    def test_a_dash_stands_for_nothing(self) -> None:
        row = one(電話番号="－", ミドルネーム="-")
        assert (row.person.phone, row.person.middle_name, row.is_accepted) == ("", "", True)

    @pytest.mark.shows("J-01")
    def test_a_name_in_one_column_is_parted(self) -> None:
        row = checked("氏名,フリガナ,メール\n佐藤　花子,ｻﾄｳ ﾊﾅｺ,a@b.jp\n")[0]
        person = row.person
        assert (person.family_name, person.given_name) == ("佐藤", "花子")
        assert (person.family_kana, person.given_kana) == ("サトウ", "ハナコ")
        assert row.is_accepted

    @pytest.mark.shows("J-01")
    def test_a_single_name_is_accepted(self) -> None:
        row = one(名="")
        assert (row.is_accepted, codes(row)) == (True, {Matter.GIVEN_MISSING.code})


class TestErrors:
    @pytest.mark.shows("001-12", "J-11")
    @pytest.mark.parametrize(
        ("column", "given", "suggestion"),
        [
            ("メールアドレス", "s01@example,jp", "s01@example.jp"),
            ("メールアドレス", "s01.example.jp", ""),
            ("メールアドレス", "佐藤 <s01@example.jp>", "s01@example.jp"),
            ("メールアドレス", "s01@example.jp;s02@example.jp", ""),
            ("メールアドレス", "s01@日本.jp", ""),
            ("メールアドレス", "a" * 250 + "@example.jp", ""),
            ("生年月日", "1990-02-30", ""),
            ("生年月日", "昭和64年1月8日", ""),
            ("生年月日", "88/4/2", "1988-04-02"),
            ("生年月日", "4月2日", ""),
            ("生年月日", "2027-01-01", ""),
            ("生年月日", "1890-01-01", ""),
            ("入社日", "ずっと前", ""),
            ("姓", "", ""),
            ("姓", "佐?", ""),
            ("姓", "佐\ufffd", ""),
            ("姓", "=1+1", ""),
            ("名", "@SUM(A1)", ""),
            ("名", "\t=cmd", ""),
            ("所属", "+cmd|' /C calc'!A0", ""),
            ("所属", "-2+3", ""),
            ("所属", "#N/A", ""),
            ("姓", "佐\x00藤", "佐藤"),
            ("姓", "佐" * 51, ""),
            ("社員番号", "1.23457E+11", ""),
            ("社員番号", "9" * 41, ""),
            ("セイ", "佐藤", ""),
            ("在籍状態", "たぶん", ""),
        ],
    )
    def test_keep_the_row_out(self, column: str, given: str, suggestion: str) -> None:
        row = one(**{column: given})
        assert not row.is_accepted
        errors = [each for each in row.problems if each.severity == "error"]
        assert [(each.row, each.column, each.suggestion) for each in errors] == [(1, column, suggestion)]
        assert all(each.reason.endswith("。") and each.code.startswith("WF-C1") for each in errors)

    def test_letters_are_counted_as_a_person_counts(self) -> None:
        assert one(姓="葛\U000e0100" * 50).is_accepted

    @pytest.mark.shows("P-11", "N-06")
    @pytest.mark.parametrize("shape", ["{}", "{:.4}-{:.4}", "{:.1}\u200b{}", "番号は{}です"])
    @pytest.mark.parametrize("column", ["社員番号", "所属", "ミドルネーム", "メールアドレス"])
    def test_a_number_is_refused_and_masked(self, column: str, shape: str) -> None:
        digits = test_number("12345678901")
        shapes = {
            "{}": digits,
            "{:.4}-{:.4}": f"{digits[:4]}-{digits[4:8]}-{digits[8:]}",
            "{:.1}\u200b{}": f"{digits[0]}\u200b{digits[1:]}",
            "番号は{}です": f"番号は{digits.translate(str.maketrans('0123456789', '０１２３４５６７８９'))}です",
        }
        row = one(**{column: shapes[shape]})
        assert (column, Matter.NUMBER_INSIDE.code) in {(each.column, each.code) for each in row.problems}
        assert not row.is_accepted
        for each in row.problems:
            assert digits[-4:] not in each.value + each.suggestion + each.reason

    def test_a_number_in_a_column_not_taken_is_refused_too(self) -> None:
        rows = checked(f"メールアドレス,姓,名,マイナンバー\na@b.jp,佐藤,花,{test_number('12345678901')}\n")
        assert [(each.column, each.code) for each in rows[0].problems] == [("マイナンバー", Matter.NUMBER_INSIDE.code)]

    def test_a_telephone_of_another_country_is_no_number(self) -> None:
        assert one(電話番号="+81 90 1234 5678").is_accepted

    @pytest.mark.parametrize(
        ("line", "code"),
        [
            ("a@b.jp,佐藤", "WF-C132"),
            ("a@b.jp,佐藤,花,子", "WF-C133"),
            (",,", "WF-C134"),
            ('c@b.jp,"佐藤,花', "WF-C136"),
        ],
    )
    def test_rows_of_another_shape(self, line: str, code: str) -> None:
        rows = checked(f"x@b.jp,田中,愛\ny@b.jp,田中,愛\n{line}\n" + ("" if '"' in line else "z@b.jp,田中,愛\n"))
        assert next(each.code for each in rows[2].problems if each.column == "") == code
        assert [row.is_accepted for row in rows[:2]] == [True, True]

    def test_a_header_that_comes_again(self) -> None:
        head = "メールアドレス,姓,名\n"
        rows = checked(f"{head}a@b.jp,佐藤,花\n{head}c@b.jp,佐藤,花\n")
        assert [codes(row) for row in rows] == [set(), {"WF-C135"}, set()]

    @pytest.mark.parametrize("twice", ["A@B.jp", "ａ@b.jp", " a@b.jp"])
    def test_a_mail_that_comes_twice(self, twice: str) -> None:
        rows = checked(f"a@b.jp,佐藤,花\nx@b.jp,佐藤,花\n{twice},鈴木,愛\n")
        assert [row.is_accepted for row in rows] == [True, True, False]
        assert "1行目" in next(each.reason for each in rows[2].problems if each.code == "WF-C165")

    def test_a_code_that_comes_twice(self) -> None:
        rows = checked("社員番号,姓,名,メール\n7,佐藤,花,a@b.jp\n7.0,鈴木,愛,c@b.jp\n")
        assert "WF-C166" in codes(rows[1])

    def test_zeros_lost(self) -> None:
        lines = "".join(f"{number:04d},佐藤,花,m{number}@b.jp\n" for number in range(95, 105))
        rows = checked("社員番号,姓,名,メール\n" + lines + "417,鈴木,愛,a@b.jp\n")
        assert found(rows[-1]) == {("社員番号", "error", "0417")}
        assert all(row.is_accepted for row in rows[:-1])

    def test_codes_that_were_never_padded_are_no_matter(self) -> None:
        lines = "".join(f"{number},佐藤,花,m{number}@b.jp\n" for number in range(95, 105))
        assert problems("社員番号,姓,名,メール\n" + lines) == []

    def test_a_person_without_mail_needs_a_code(self) -> None:
        assert codes(one(メールアドレス="")) == {Matter.MAIL_MISSING.code}
        assert codes(one(メールアドレス="", 社員番号="")) == {Matter.VALUE_MISSING.code}
        assert codes(checked(",佐藤,花\nx@b.jp,佐藤,花\n")[0]) == {Matter.VALUE_MISSING.code}

    def test_names_in_each_others_column(self) -> None:
        row = checked("a@b.jp,さくら,林\n")[0]
        assert (row.is_accepted, found(row)) == (True, {("姓", "warning", "林 さくら")})

    def test_a_name_that_cannot_be_parted(self) -> None:
        row = checked("氏名,メール\n長谷川太郎,a@b.jp\n")[0]
        assert found(row) == {("氏名", "error", "長谷川 太郎")}

    def test_mends_are_read_in_place_of_the_file(self) -> None:
        content = "a@b.jp,佐藤,花\nc@b,鈴木\n"
        mends = {2: {"メールアドレス": "c@b.jp", "名": "愛"}}
        assert [row.is_accepted for row in checked(content, mends=mends)] == [True, True]


def row_of(**values: Any) -> CheckedRow:
    return CheckedRow(1, 1, [], Person(**values), Notes(1))


SATO: dict[str, Any] = {"employee_code": "7", "family_name": "佐藤", "given_name": "花", "mail": "a@b.jp"}


class TestKnown:
    def fate(self, row: CheckedRow, *people: Known[int]) -> Fate:
        by_code = {one.person.employee_code: one for one in people}
        by_mail = {one.person.mail: one for one in people}
        return compare(row=row, by_code=by_code, by_mail=by_mail).fate

    @pytest.mark.parametrize(
        ("values", "fate", "matter"),
        [
            ({}, Fate.UNCHANGED, None),
            ({"employee_code": "", "department": ""}, Fate.UNCHANGED, None),
            ({"department": "総務"}, Fate.CHANGED, Matter.KNOWN_CHANGED),
            ({"mail": "new@b.jp", "family_name": "鈴木"}, Fate.CHANGED, Matter.KNOWN_CHANGED),
            ({"employee_code": "8"}, Fate.BLOCKED, Matter.KNOWN_MAIL),
            ({"employee_code": "", "family_name": "田", "given_name": "愛"}, Fate.BLOCKED, Matter.KNOWN_MAIL),
            ({"mail": "x@b.jp", "family_name": "田", "given_name": "愛"}, Fate.BLOCKED, Matter.KNOWN_CODE),
            ({"employee_code": "9", "mail": "x@b.jp"}, Fate.NEW, None),
        ],
    )
    def test_fates(self, values: dict[str, Any], fate: Fate, matter: Matter | None) -> None:
        row = row_of(**SATO | values)
        assert self.fate(row, Known(1, Person(**SATO), is_active=True)) is fate
        assert [each.code for each in row.problems] == ([matter.code] if matter else [])

    def test_two_people_in_one_row(self) -> None:
        other = Known(2, Person(employee_code="8", family_name="田", given_name="愛", mail="z@b.jp"), is_active=True)
        row = row_of(**SATO | {"mail": "z@b.jp"})
        assert self.fate(row, Known(1, Person(**SATO), is_active=True), other) is Fate.BLOCKED

    @pytest.mark.shows("J-07")
    def test_look_alikes_are_the_same_person(self) -> None:
        row = row_of(**SATO | {"family_name": "髙橋"})
        known = Known(1, Person(**SATO | {"family_name": "高橋"}), is_active=True)
        assert self.fate(row, known) is Fate.CHANGED
        assert [(each.code, each.suggestion) for each in row.problems] == [(Matter.KNOWN_LOOK_ALIKE.code, "高橋")]


def test_the_catalogue_has_a_code_and_a_sentence_each() -> None:
    assert len({matter.code for matter in Matter}) == len(Matter)
    assert all(matter.reason.endswith("。") and matter.severity in ("error", "warning") for matter in Matter)
