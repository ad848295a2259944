"""Japanese first, English by choice."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_browsers_wish_is_no_choice() -> None:
    answer = Client(headers={"Accept-Language": "en-US,en;q=0.9"}).get("/signin/")
    assert answer["Content-Language"] == "ja"
    assert 'lang="ja"' in answer.content.decode()


def test_the_switch_is() -> None:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    answer = client.get("/signin/")
    assert answer["Content-Language"] == "en"
    assert 'lang="en"' in answer.content.decode()


def test_an_unknown_language_is_japanese() -> None:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "xx-evil"
    assert client.get("/signin/")["Content-Language"] == "ja"
