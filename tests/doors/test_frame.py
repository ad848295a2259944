"""The frame of every page: its policy, its language, its refusals and its faults."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.messages import constants
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.test import Client, RequestFactory
from django.urls import ResolverMatch, reverse

from warifu.foundation.actor import Actor, ActorKind, Role
from warifu.foundation.days import JST
from warifu.foundation.ids import new_id
from warifu.web.desk import urls
from warifu.web.shared import navigation, refusals
from warifu.web.shared.forms import DayField
from warifu.web.templatetags import warifu as tags

MOMENT = datetime(2026, 11, 24, 10, 0, tzinfo=JST)


def rendered(text: str, **values: Any) -> str:
    drawn: str = engines["django"].from_string(text).render(values)  # type: ignore[attr-defined]
    return drawn


def session_of(roles: Role) -> Any:
    organisation_id = new_id()
    actor = Actor(kind=ActorKind.MEMBER, id=new_id(), label="青木 葵", organisation_id=organisation_id, roles=roles)
    return SimpleNamespace(
        actor=actor,
        organisation_id=organisation_id,
        organisation_name="株式会社青葉商会",
        logs_out_at=MOMENT,
        is_office=False,
    )


def request_to(view_name: str = "") -> HttpRequest:
    request = RequestFactory().get("/")
    if view_name:
        app, _colon, name = view_name.partition(":")
        match = ResolverMatch(lambda: None, (), {}, url_name=name, app_names=[app], namespaces=[app])
        request.resolver_match = match
    return request


@pytest.mark.shows("V-08")
@pytest.mark.django_db
def test_policy_allows_own_files_only(client: Client) -> None:
    policy = client.get(reverse("helpcentre:start.page"))["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


@pytest.mark.shows("V-04")
@pytest.mark.django_db
def test_pages_stay_out_of_caches(client: Client) -> None:
    assert client.get(reverse("helpcentre:start.page"))["Cache-Control"] == "no-store"


@pytest.mark.shows("A-10")
@pytest.mark.django_db
def test_page_says_its_language(client: Client) -> None:
    assert '<html lang="ja">' in client.get("/help/").content.decode()
    client.cookies["warifu_language"] = "en"
    english = client.get("/help/").content.decode()
    assert '<html lang="en">' in english


def test_refusal_says_what_next_and_links_its_article(client: Client) -> None:
    answer = client.get("/nowhere/")
    page = answer.content.decode()
    assert answer.status_code == 404
    assert "WF-A404" in page
    assert reverse("helpcentre:refusals.article", args=["WF-A404"]) in page


@pytest.mark.shows("V-09")
def test_fault_shows_its_reference_and_nothing_else() -> None:
    request = request_to()
    request.reference = "abc123def456"  # type: ignore[attr-defined]
    answer: HttpResponse = refusals.fault(request)
    page = answer.content.decode()
    assert answer.status_code == 500
    assert "abc123def456" in page
    assert "Traceback" not in page


def test_fault_leaves_its_trace_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    request = request_to()
    request.reference = "abc123def456"  # type: ignore[attr-defined]
    try:
        int("unforeseen 123456789012")
    except ValueError:
        refusals.fault(request)
    assert "abc123def456" in caplog.text
    assert "ValueError: invalid literal" in caplog.text
    assert "123456789012" not in caplog.text


class TestNavigation:
    def test_shows_an_administrator_no_verification(self) -> None:
        session = session_of(Role.ADMINISTRATOR)
        shown = {item.address for group in navigation.of(request_to(), session) for item in group.items}
        assert reverse("desk:members.listing") in shown
        assert reverse("desk:verification.queue") not in shown

    def test_shows_an_employee_the_own_safety_only(self) -> None:
        groups = navigation.of(request_to(), session_of(Role.EMPLOYEE))
        assert [item.address for group in groups for item in group.items] == [reverse("entrance:security.page")]

    def test_marks_where_one_is(self) -> None:
        groups = navigation.of(request_to("desk:home.page"), session_of(Role.ADMINISTRATOR))
        current = [item.address for group in groups for item in group.items if item.is_current]
        assert current == [reverse("desk:home.page")]

    def test_every_page_of_a_folder_lies_below_the_folders(self) -> None:
        modules = {pattern.name.rpartition(".")[0] for pattern in urls.urlpatterns}
        for module in sorted(name for name in modules if name.startswith("folder")):
            groups = navigation.of(request_to(f"desk:{module}.page"), session_of(Role.HEAD))
            current = [item.address for group in groups for item in group.items if item.is_current]
            assert current == [reverse("desk:folders.listing")], module


class TestTags:
    def test_words_are_escaped(self) -> None:
        assert "<b>" not in rendered('{% badge "late" words icon="alert" %}', words="<b>")
        assert "<b>" not in rendered('{% notice "heed" words %}{{ words }}{% endnotice %}', words="<b>")
        assert "<b>" not in rendered("{% steps current=1 names=names %}", names=["<b>"])

    @pytest.mark.shows("J-11")
    @pytest.mark.parametrize(
        ("day", "words"),
        [
            (date(1988, 4, 2), "昭和63年(1988年)4月2日"),
            (date(1989, 1, 8), "平成元年(1989年)1月8日"),
            (date(2019, 4, 30), "平成31年(2019年)4月30日"),
            (date(2019, 5, 1), "令和元年(2019年)5月1日"),
        ],
    )
    def test_wareki_names_both_calendars(self, day: date, words: str) -> None:
        assert rendered("{% wareki day %}", day=day) == f'<time datetime="{day.isoformat()}">{words}</time>'

    def test_moments_stand_in_japan_time(self) -> None:
        from datetime import UTC

        late = datetime(2020, 11, 23, 16, 30, tzinfo=UTC)
        assert tags.jst_text(late) == "2020/11/24(火) 01:30"

    def test_steps_mark_past_and_present(self) -> None:
        drawn = rendered('{% steps current=2 names="使い道,番号,写真" %}')
        assert drawn.count('class="past"') == 1
        assert '<li aria-current="step">番号</li>' in drawn

    def test_messages_have_a_kind_of_notice(self) -> None:
        assert [tags.message_kind(tag) for tag in constants.DEFAULT_TAGS.values()] == [
            "info",
            "info",
            "done",
            "heed",
            "late",
        ]


class TestDayField:
    @pytest.mark.shows("J-11")
    @pytest.mark.parametrize("year", ["1988", "昭和63", "S63", "１９８８", "昭和63年"])
    def test_takes_western_years_and_eras(self, year: str) -> None:
        assert DayField().clean([year, "4", "2"]) == date(1988, 4, 2)

    @pytest.mark.shows("J-11")
    @pytest.mark.parametrize("parts", [["昭和64", "1", "8"], ["2026", "2", "30"], ["88", "4", "2"], ["1988", "", "2"]])
    def test_refuses_days_that_are_not(self, parts: list[str]) -> None:
        from django.core.exceptions import ValidationError

        with pytest.raises(ValidationError):
            DayField().clean(parts)
