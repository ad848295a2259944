"""お知らせ: text messages over a real HTTP provider; received once, tried again while their code lives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from django.db import transaction

from tests.cast import MORNING, Cast
from tests.sms import TOKEN, Provider, sms_provider
from warifu.audit.models import Entry
from warifu.notices import links, queries, texting
from warifu.notices.actions import text_messages
from warifu.notices.links import LateLink
from warifu.notices.models import PhoneMessage, TextMessage

pytestmark = pytest.mark.django_db

PHONE = "+819012345678"
LIFE = timedelta(minutes=10)


@pytest.fixture
def provider(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with sms_provider() as provider:
        use(settings, provider.address)
        monkeypatch.setattr(texting, "_TIMES", httpx.Timeout(0.5))
        yield provider


def use(settings: Any, address: str, token: str = TOKEN, mode: str = "test") -> None:
    from pydantic import SecretStr

    update = {"sms_url": address, "sms_token": SecretStr(token), "sms_from": "AOBA", "mode": mode}
    settings.WARIFU = settings.WARIFU.model_copy(update=update)


def post(cast: Cast, *, phone: str = PHONE, reference: str = "271828") -> None:
    with transaction.atomic():
        text_messages.post(
            organisation_id=cast.aoba,
            member_id=cast.inoue.id,
            to_phone=phone,
            code=LateLink(kind="sample_code", reference=reference),
            give_up_at=MORNING + LIFE,
            at=MORNING,
        )


def deliver(at: datetime = MORNING) -> tuple[int, str]:
    return text_messages.deliver_due(at=at), TextMessage.objects.get().state


def test_a_message_says_who_what_and_tell_nobody(cast: Cast, provider: Provider) -> None:
    post(cast)
    assert deliver() == (1, "accepted")
    ((headers, body),) = provider.requests
    row = TextMessage.objects.get()
    assert body == {
        "id": str(row.id),
        "from": "AOBA",
        "to": PHONE,
        "text": "【株式会社青葉商会】確認コード 271828 です。だれにも教えないでください。"
        "職員がお尋ねすることはありません。",
    }
    assert headers["Authorization"] == f"Bearer {TOKEN}"
    assert headers["Idempotency-Key"] == str(row.id)
    assert row.settled_at == MORNING
    (entry,) = Entry.objects.filter(event="notices.text_message.accepted")
    assert "271828" not in entry.body
    assert PHONE not in entry.body


def test_a_second_round_sends_nothing(cast: Cast, provider: Provider) -> None:
    post(cast)
    deliver()
    assert text_messages.deliver_due(at=MORNING + timedelta(minutes=1)) == 0
    assert len(provider.requests) == 1


def test_a_refused_number_is_the_end(cast: Cast, provider: Provider) -> None:
    provider.answers = [(422, {}, {"reason": "no such number"})]
    post(cast)
    assert deliver() == (1, "refused")
    assert "この番号には送れませんでした" in TextMessage.objects.get().reason
    assert text_messages.deliver_due(at=MORNING + timedelta(minutes=5)) == 0
    assert Entry.objects.filter(event="notices.text_message.refused").count() == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ((500, {}, {}), "いまは受け取れない"),
        ((429, {}, {}), "いまは受け取れない"),
        ((401, {}, {}), "鍵を断られました"),
        ((302, {"Location": "http://127.0.0.1:9/"}, {}), "いまは受け取れない"),
        ("hang", "時間内に届きませんでした"),
        ("drop", "つながりません"),
    ],
)
def test_every_doubt_is_tried_again_and_received_once(cast: Cast, provider: Provider, answer: Any, words: str) -> None:
    provider.answers = [answer]
    post(cast)
    assert deliver() == (0, "waiting")
    row = TextMessage.objects.get()
    assert words in row.reason
    assert row.next_at == MORNING + timedelta(seconds=5)
    assert deliver(MORNING + timedelta(seconds=4)) == (0, "waiting")
    assert deliver(MORNING + timedelta(seconds=5)) == (1, "accepted")
    assert len({headers["Idempotency-Key"] for headers, _body in provider.requests}) == 1
    assert len(provider.messages) == 1


def test_the_provider_says_how_long_to_wait(cast: Cast, provider: Provider) -> None:
    provider.answers = [(429, {"Retry-After": "90"}, {})]
    post(cast)
    deliver()
    assert TextMessage.objects.get().next_at == MORNING + timedelta(seconds=90)


def test_it_is_given_up_when_the_code_is_over(cast: Cast, provider: Provider) -> None:
    provider.answers = [(500, {}, {})] * 20
    post(cast)
    at = MORNING
    while TextMessage.objects.get().state == "waiting":
        at = TextMessage.objects.get().next_at
        text_messages.deliver_due(at=at)
    assert TextMessage.objects.get().state == "given_up"
    assert at < MORNING + LIFE
    assert provider.messages == {}
    assert Entry.objects.filter(event="notices.text_message.given_up").count() == 1


def test_a_code_that_is_over_is_not_sent(cast: Cast, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    def dead(_reference: str) -> str:
        raise links.LinkDead("over")

    monkeypatch.setitem(links._resolvers, "sample_code", dead)
    post(cast)
    assert deliver() == (1, "cancelled")
    assert provider.requests == []


def test_a_message_of_a_dead_worker_is_taken_up_again(cast: Cast, provider: Provider) -> None:
    post(cast)
    TextMessage.objects.update(state="sending", lease_until=MORNING + timedelta(minutes=5))
    assert deliver(MORNING + timedelta(minutes=4)) == (0, "sending")
    assert deliver(MORNING + timedelta(minutes=6)) == (1, "accepted")


def test_a_worker_that_lost_its_claim_writes_nothing(
    cast: Cast, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    from uuid import uuid4

    real = texting.HttpProvider.take

    def slow(self: texting.HttpProvider, text: texting.Text) -> texting.Answer:
        TextMessage.objects.update(claim=uuid4())
        return real(self, text)

    monkeypatch.setattr(texting.HttpProvider, "take", slow)
    post(cast)
    assert deliver() == (0, "sending")


@pytest.mark.shows("L-16")
@pytest.mark.parametrize("phone", ["090-1234-5678", "+81312345678", "+14155552671", ""])
def test_only_japanese_mobile_numbers_are_written_to(cast: Cast, provider: Provider, phone: str) -> None:
    with pytest.raises(text_messages.PhoneUnusable):
        post(cast, phone=phone)
    assert not TextMessage.objects.exists()


def test_a_message_belongs_to_the_transaction_of_what_it_tells(
    cast: Cast, provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_messages, "connection", SimpleNamespace(in_atomic_block=False))
    with pytest.raises(RuntimeError):
        text_messages.post(
            organisation_id=cast.aoba,
            member_id=None,
            to_phone=PHONE,
            code=LateLink(kind="sample_code", reference="x"),
            give_up_at=MORNING,
            at=MORNING,
        )


def test_without_a_provider_nothing_is_promised(cast: Cast, settings: Any) -> None:
    use(settings, "", mode="production")
    with pytest.raises(text_messages.TextingOff):
        post(cast)
    assert not TextMessage.objects.exists()


def test_practice_never_writes_to_the_outside(cast: Cast, settings: Any) -> None:
    with sms_provider() as provider:
        use(settings, provider.address, mode="demo")
        post(cast)
        assert deliver() == (1, "accepted")
        assert provider.requests == []
    (message,) = queries.phone_messages()
    assert message.to_phone == "090-1234-5678"
    assert re.search("271828", message.text)
    assert PhoneMessage.objects.count() == 1


def test_a_text_in_hand_does_not_show_its_code() -> None:
    from uuid import UUID

    text = texting.Text(id=UUID(int=1), to_phone=PHONE, words="271828", at=MORNING)
    assert "271828" not in repr(text)
