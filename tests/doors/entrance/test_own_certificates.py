"""One's own electronic certificate: seen and stopped."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.cast import MORNING, Cast
from tests.doors.conftest import signed_in_client
from tests.rooms.credentials.test_certificates import issue
from warifu.credentials.actions import authorities, certificates
from warifu.credentials.models import Certificate
from warifu.foundation.actor import OPERATOR


@pytest.fixture(autouse=True)
def _ca(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: MORNING)
    authorities.init(name="Root", by=OPERATOR, at=MORNING - timedelta(hours=1))


class TestPage:
    @pytest.mark.shows("000-35")
    def test_shows_what_it_says_of_itself(self, cast: Cast) -> None:
        made = issue(cast, cast.inoue, by=cast.aoki, device_name="自分のPC")
        client = signed_in_client(cast.inoue, at=MORNING)
        assert f"/certificates/{made.id}/" in client.get("/security/").content.decode()
        assert made.serial in client.get(f"/certificates/{made.id}/").content.decode()

    def test_not_anybody_elses(self, cast: Cast) -> None:
        made = issue(cast, cast.inoue, by=cast.aoki)
        assert signed_in_client(cast.aoki, at=MORNING).get(f"/certificates/{made.id}/").status_code == 404


class TestRevoke:
    @pytest.mark.shows("C-05")
    def test_it_holds_at_once(self, cast: Cast) -> None:
        made = issue(cast, cast.inoue, by=cast.aoki)
        client = signed_in_client(cast.inoue, at=MORNING)
        answer = client.post(f"/certificates/{made.id}/revoke/", {"reason": "lost"})
        assert answer.headers["Location"] == "/security/"
        assert certificates.presented(der=made.der, at=MORNING) is None

    def test_wants_a_reason(self, cast: Cast) -> None:
        made = issue(cast, cast.inoue, by=cast.aoki)
        client = signed_in_client(cast.inoue, at=MORNING)
        assert client.post(f"/certificates/{made.id}/revoke/", {"reason": ""}).status_code == 422
        assert certificates.presented(der=made.der, at=MORNING) is not None

    def test_not_anybody_elses(self, cast: Cast) -> None:
        made = issue(cast, cast.inoue, by=cast.aoki)
        client = signed_in_client(cast.aoki, at=MORNING)
        assert client.post(f"/certificates/{made.id}/revoke/", {"reason": "lost"}).status_code == 404
        assert Certificate.objects.get(id=made.id).revoked_at is None
