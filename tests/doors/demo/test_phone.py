from __future__ import annotations

import json
from datetime import UTC, datetime

import pyotp
import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from warifu.config.environment import Environment

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.doors.demo.urls")]

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class TestPage:
    @pytest.fixture
    def phone(self, tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> datetime:
        own: Environment = settings.WARIFU.model_copy(update={"data_dir": tmp_path})
        monkeypatch.setattr(settings, "WARIFU", own)
        at = datetime(2026, 11, 24, 1, 0, 12, tzinfo=UTC)
        monkeypatch.setattr(timezone, "now", lambda: at)
        return at

    def test_shows_the_code_of_this_moment_and_how_long_it_is_the_newest(self, client: Client, phone: datetime) -> None:
        apps = [{"name": "青木 葵", "user": "aoki@aoba.example", "secret": SECRET}]
        settings.WARIFU.practice_phone_file.write_text(json.dumps(apps), encoding="utf-8")
        page = client.get(reverse("demo:phone.page")).content.decode()
        assert f">{pyotp.TOTP(SECRET).at(phone)}<" in page
        assert "あと18秒" in page
        assert SECRET not in page

    def test_says_so_when_nobody_has_one_yet(self, client: Client, phone: datetime) -> None:
        assert "まだ、だれの電話もありません" in client.get(reverse("demo:phone.page")).content.decode()
