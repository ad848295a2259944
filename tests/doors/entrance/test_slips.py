"""Slips of paper at the public door: what is named, what is not, what follows (L-10)."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.cast import MORNING, Cast
from warifu.credentials.actions import recovery_slips
from warifu.credentials.models import RecoverySlips

pytestmark = pytest.mark.django_db


def send(signs: list[str], *, organisation: str = "aoba", mail: str = "e003@example.jp"):  # type: ignore[no-untyped-def]
    slips = {f"slip_{place}": text for place, text in enumerate(signs, start=1)}
    return Client().post("/slips/", {"organisation": organisation, "mail": mail, **slips})


@pytest.fixture
def signs(cast: Cast) -> list[str]:
    papers = recovery_slips.make(organisation_id=cast.aoba, needed=2, printed=3, by=cast.aoki, at=MORNING)
    return [paper.signs for paper in papers]


class TestUse:
    def test_two_slips_begin_it(self, signs: list[str]) -> None:
        answer = send(signs[1:])
        assert answer.status_code == 200
        assert "割符を受け取りました" in answer.content.decode()
        assert RecoverySlips.objects.get().claimed_at

    def test_an_empty_field_between_them_does_not_matter(self, signs: list[str]) -> None:
        assert "割符を受け取りました" in send([signs[0], signs[2], "", ""]).content.decode()

    def test_a_mistyped_slip_is_named_at_its_field(self, signs: list[str]) -> None:
        answer = send([signs[0], signs[1][:-1] + ("A" if signs[1][-1] != "A" else "C")])
        assert answer.status_code == 422
        assert "2枚目の割符に、書き間違いがあります" in answer.content.decode()
        assert RecoverySlips.objects.get().claimed_at is None

    @pytest.mark.shows("L-10")
    def test_what_does_not_fit_gets_one_answer(self, cast: Cast, signs: list[str]) -> None:
        others = recovery_slips.make(organisation_id=cast.ueda, needed=2, printed=3, by=cast.ueno, at=MORNING)
        texts = set()
        for organisation, chosen in (
            ("aoba", [signs[0], others[1].signs]),
            ("ueda", signs[:2]),
            ("nowhere", signs[:2]),
        ):
            answer = send(chosen, organisation=organisation)
            assert answer.status_code == 422
            texts.add("この割符では再開できません" in answer.content.decode())
            assert "いません。" not in answer.content.decode().split("管理者にする人の")[0]
        assert texts == {True}
        assert not RecoverySlips.objects.exclude(claimed_at=None).exists()
