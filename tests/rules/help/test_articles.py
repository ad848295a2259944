"""The articles of the repository are whole, and the manual and the flow say what they should."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from warifu.foundation.actor import Role
from warifu.foundation.masking import twelve_digit_runs
from warifu.help import articles as files
from warifu.help.articles import ENGLISH, sources, synonyms
from warifu.help.rules import articles, flow, manuals, markdown, searching
from warifu.help.rules.flow import Facts, Urgency
from warifu.help.rules.manuals import Carrier, Choices, Papers, Phone
from warifu.help.rules.volumes import VOLUMES, Reader

FOLDER = Path(files.__file__).parent
TODAY = date(2026, 11, 24)
CHOICES = Choices(
    title="手引き", sender_name="青葉商会", sender_mail="m@example.jp", deadline="11月30日まで", contact="総務課"
)


@pytest.mark.shows("003-1", "003-2")
def test_there_is_help_for_every_reader_in_every_volume() -> None:
    assert len(sources()) >= 40
    assert {source.reader for source in sources()} == set(Reader)
    assert {source.volume for source in sources()} == {volume.key for volume in VOLUMES}
    slugs = [source.slug for source in sources()]
    assert len(slugs) == len(set(slugs))


def test_every_article_is_written_in_both_languages_and_holds_no_number() -> None:
    for source in sources():
        assert source.title_en, source.slug
        assert source.lead_en, source.slug
        assert source.body_en, f"{source.slug} has no English text beside it"
        assert len(source.title) <= 100, source.slug
        assert twelve_digit_runs(source.title + source.lead + source.body + source.body_en) == [], source.slug
        assert markdown.pictures(source.body_en) == markdown.pictures(source.body), source.slug


def test_every_english_text_has_its_article() -> None:
    texts_in_english = list(FOLDER.glob(f"*/*{ENGLISH}"))
    assert len(texts_in_english) == len([source for source in sources() if source.body_en])


def test_links_between_articles_lead_somewhere() -> None:
    slugs = {source.slug for source in sources()}
    for source in sources():
        for slug in re.findall(r"\]\(article:([\w-]+)\)", source.body):
            assert slug in slugs, f"{source.slug} links to {slug}"
        assert markdown.html(source.body, address=lambda target: f"/{target}")


def test_the_dictionary_has_no_word_twice_in_a_group() -> None:
    for group in synonyms():
        forms = [searching.normal(word) for word in group]
        assert len(forms) == len(set(forms)), group


@pytest.mark.parametrize(
    "text", ["no head", "---\ntitle: a\n---\nb", "---\ntitle: a\nlead: b\nchapter: nowhere\n---\nc"]
)
def test_a_broken_file_is_named(text: str) -> None:
    with pytest.raises(articles.SourceBroken, match="submitting/01-x"):
        articles.parsed(text, folder="submitting", name="01-x.md")


def test_the_english_text_is_what_stands_beside_the_article() -> None:
    head = "---\ntitle: あ\nlead: い\nchapter: begin\n---\nう"
    read = articles.parsed(head, folder="submitting", name="01-x.md", english="\n## Steps\n")
    assert (read.body, read.body_en) == ("う", "## Steps")
    assert articles.parsed(head, folder="submitting", name="01-x.md").body_en == ""


def texts(choices: Choices) -> str:
    return repr(manuals.parts(choices, organisation_name="青葉商会"))


@pytest.mark.shows("000-42")
def test_everything_in_the_manual_is_said_in_its_language_but_what_the_company_typed() -> None:
    typed = {CHOICES.title, CHOICES.sender_name, CHOICES.deadline, CHOICES.contact, "青葉商会"}
    told = repr(manuals.parts(CHOICES, organisation_name="青葉商会", say=lambda text: "said"))
    for words in typed:
        told = told.replace(words, "")
    assert not searching.is_japanese(told)


@pytest.mark.shows("000-42")
def test_the_manual_has_what_was_chosen_and_nothing_else() -> None:
    whole = texts(CHOICES)
    for words in (
        "11月30日まで",
        "m@example.jp",
        "総務課",
        "iPhone をお使い",
        "Android をお使い",
        "docomo",
        "家族を加える",
    ):
        assert words in whole
    bare = texts(
        replace(CHOICES, phones=(Phone.IPHONE,), carriers=(Carrier.AU,), with_family=False, papers=Papers.CARD)
    )
    for words in ("Android をお使い", "docomo", "家族を加える", "住民票の写しと"):
        assert words not in bare
    assert "au・UQ mobile" in bare


@pytest.mark.parametrize("changed", [{"phones": ()}, {"message": "番号は 1234-5678-9012 です"}])
def test_choices_without_a_phone_or_with_a_number_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(manuals.ChoicesUnusable):
        manuals.insist_on_choices(choices=replace(CHOICES, **changed))  # type: ignore[arg-type]


def test_choices_are_read_back_as_they_were_kept() -> None:
    chosen = replace(CHOICES, phones=(Phone.ANDROID,), carriers=(), papers=Papers.PAPERS, with_family=False)
    assert manuals.read(chosen.kept(), otherwise=CHOICES) == chosen
    assert manuals.read({"papers": "stones", "phones": ["iphone", "fax"]}, otherwise=CHOICES) == replace(
        CHOICES, phones=(Phone.IPHONE,)
    )


@pytest.mark.shows("000-41")
def test_the_flow_says_for_each_role_what_is_late_now_and_done() -> None:
    facts = Facts(
        has_plan=True,
        administrators=1,
        people=9,
        not_invited=2,
        overdue=3,
        to_verify=4,
        waiting=1,
        next_due=date(2026, 11, 27),
        licence_ends=date(2026, 12, 20),
        certificates_ending=1,
    )
    listed = flow.tasks(facts, today=TODAY)
    administrators = flow.for_role(listed, Role.ADMINISTRATOR)
    assert [task.key for task in administrators][:3] == ["overdue", "administrators", "invite"]
    state = {task.key: task.urgency for task in listed}
    assert state["overdue"] is Urgency.LATE
    assert state["verify"] is Urgency.NOW
    assert state["plan"] is Urgency.DONE
    assert state["licence"] is Urgency.SOON
    assert next(task.by for task in listed if task.key == "submit") == date(2026, 11, 27)


def test_an_empty_organisation_begins_with_plan_roster_and_a_second_administrator() -> None:
    now = {task.key for task in flow.tasks(Facts(), today=TODAY) if task.urgency is Urgency.NOW}
    assert now == {"administrators", "plan", "roster"}


def test_a_licence_that_has_ended_is_late() -> None:
    facts = Facts(licence_ends=date(2026, 11, 23))
    assert next(t.urgency for t in flow.tasks(facts, today=TODAY) if t.key == "licence") is Urgency.LATE
