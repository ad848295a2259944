"""The desk's page of recovery slips: made once, shown once, stopped by anybody who administers."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from tests.cast import Cast
from tests.doors.conftest import SignIn
from warifu.credentials.actions import recovery_slips
from warifu.credentials.models import RecoverySlips

pytestmark = pytest.mark.django_db


class TestMake:
    def test_the_slips_are_on_one_page_and_never_again(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.aoki)
        text = client.post("/desk/recovery-slips/make/", {"size": "2-3"}).content.decode()
        signs = re.findall(r"(?:[A-Z3-9]{4}-){7}[A-Z3-9]{4}", text)
        assert len(signs) == 3
        for words in (
            "再開のための割符 1／3",
            "3枚のうち2枚",
            "株式会社青葉商会",
            "読み上げかた",
            "http://localhost:8000/slips/",
        ):
            assert words in text
        again = client.get("/desk/recovery-slips/").content.decode()
        assert not re.findall(r"(?:[A-Z3-9]{4}-){7}", again)
        assert "3枚のうち2枚で再開できます" in again

    def test_only_sizes_of_the_list_are_made(self, cast: Cast, sign_in: SignIn) -> None:
        answer = sign_in(cast.aoki).post("/desk/recovery-slips/make/", {"size": "1-1"})
        assert answer.status_code == 422
        assert not RecoverySlips.objects.exists()


class TestStop:
    def test_what_was_begun_is_shown_and_stopped(self, cast: Cast, sign_in: SignIn) -> None:
        at = timezone.now()
        papers = recovery_slips.make(organisation_id=cast.aoba, needed=2, printed=3, by=cast.aoki, at=at)
        recovery_slips.show(
            organisation_code="aoba",
            typed=[paper.signs for paper in papers[:2]],
            mail="e003@example.jp",
            address="192.0.2.1",
            at=at,
        )
        client = sign_in(cast.aoki)
        text = client.get("/desk/recovery-slips/").content.decode()
        assert "割符が示されました" in text
        assert "江藤" in text
        client.post("/desk/recovery-slips/stop/")
        assert "割符が示されました" not in client.get("/desk/recovery-slips/").content.decode()
        assert RecoverySlips.objects.get().replaced_at
