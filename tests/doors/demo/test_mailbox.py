from __future__ import annotations

from datetime import datetime
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast
from warifu.foundation.actor import SYSTEM
from warifu.notices import actions, kinds

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.doors.demo.urls")]


@pytest.fixture
def letter_id(cast: Cast, at: datetime) -> UUID:
    letter = kinds.PasswordChanged(organisation_name="株式会社青葉商会", name="井上 郁", changed_at=at)
    letter_id: UUID = actions.post(
        letter=letter,
        organisation_id=cast.aoba,
        member_id=cast.inoue.id,
        to_mail="i002@example.jp",
        to_name="井上 郁",
        key="look",
        by=SYSTEM,
        at=at,
    )
    actions.deliver_due(at=at)
    return letter_id


class TestListing:
    def test_shows_what_was_delivered(self, client: Client, letter_id: UUID) -> None:
        page = client.get(reverse("demo:mailbox.listing")).content.decode()
        assert reverse("demo:mailbox.message", args=[letter_id]) in page
        assert "i002@example.jp" in page

    def test_searches_by_recipient(self, client: Client, letter_id: UUID) -> None:
        page = client.get(reverse("demo:mailbox.listing"), {"to": "nobody@example.jp"}).content.decode()
        assert reverse("demo:mailbox.message", args=[letter_id]) not in page
        assert "まだ、メールはありません" in page


class TestMessage:
    def test_shows_text_and_frame(self, client: Client, letter_id: UUID) -> None:
        answer = client.get(reverse("demo:mailbox.message", args=[letter_id]))
        assert reverse("demo:mailbox.drawn", args=[letter_id]) in answer.content.decode()
        assert "frame-src 'self'" in answer["Content-Security-Policy"]


class TestDrawn:
    def test_stands_in_a_sandbox_without_script(self, client: Client, letter_id: UUID) -> None:
        answer = client.get(reverse("demo:mailbox.drawn", args=[letter_id]))
        policy = answer["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "sandbox allow-top-navigation-by-user-activation" in policy
        assert "script-src" not in policy
        assert answer["X-Frame-Options"] == "SAMEORIGIN"
        assert '<base target="_top">' in answer.content.decode()
