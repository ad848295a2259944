from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from warifu.foundation.refusals import Refused
from warifu.web.helpcentre.refusals import AREAS, article_of, every_article
from warifu.web.shared import tool_faults


class TestArticle:
    def test_every_refusal_has_one(self, client: Client) -> None:
        for refusal in Refused.catalogue():
            answer = client.get(reverse("helpcentre:refusals.article", args=[refusal.code]))
            assert answer.status_code == 200, refusal.code

    def test_says_what_why_and_what_next(self) -> None:
        for refusal in Refused.catalogue():
            article = article_of(refusal)
            assert article.sentence, refusal.code
            assert article.reason, refusal.code
            assert article.remedy, refusal.code
            assert not re.search(r"\{\w", article.sentence + article.remedy), refusal.code

    def test_unknown_code_is_not_found(self, client: Client) -> None:
        assert client.get(reverse("helpcentre:refusals.article", args=["WF-Z999"])).status_code == 404


def test_codes_are_unique_and_of_a_known_area() -> None:
    codes = [refusal.code for refusal in Refused.catalogue()]
    assert len(codes) == len(set(codes))
    assert all(code.startswith("WF-") and code[3] in AREAS for code in codes)


class TestListing:
    def test_lists_all(self, client: Client) -> None:
        page = client.get(reverse("helpcentre:refusals.listing")).content.decode()
        assert all(refusal.code in page for refusal in Refused.catalogue())

    @pytest.mark.parametrize("words", ["a404", "見つかりません"])
    def test_finds_by_code_and_words(self, client: Client, words: str) -> None:
        page = client.get(reverse("helpcentre:refusals.listing"), {"q": words}).content.decode()
        assert "WF-A404" in page
        assert "WF-A403" not in page


class TestToolArticle:
    """What card, reader and the tool say of themselves has articles too."""

    def test_every_fault_has_one_in_both_languages_and_no_code_stands_for_two_things(self, client: Client) -> None:
        codes = [one.code for one in every_article()]
        assert len(codes) == len(set(codes))
        assert {fault.code for fault in tool_faults.catalogue()} >= {"WF-K104", "WF-K612", "WF-S690", "WF-S698"}
        for fault in tool_faults.catalogue():
            address = reverse("helpcentre:refusals.article", args=[fault.code])
            for language, word in (("ja", "なぜ止めたか"), ("en", fault.code)):
                page = client.get(address, headers={"accept-language": language})
                assert page.status_code == 200, fault.code
                assert word in page.content.decode()
                assert not re.search(r"\{[a-z_]+\}", page.content.decode()), fault.code

    @pytest.mark.shows("004-14", "004-15")
    @pytest.mark.parametrize(
        ("known", "code"), [("MKCZ405E", "WF-K104"), ("MKCZ403E", "WF-K405"), ("MKCZ802E", "WF-S690")]
    )
    def test_a_code_that_people_know_from_elsewhere_leads_to_ours(self, client: Client, known: str, code: str) -> None:
        page = client.get(reverse("helpcentre:refusals.listing"), {"q": known.lower()}).content.decode()
        assert code in page
        assert "WF-K101" not in page
        article = client.get(reverse("helpcentre:refusals.article", args=[code])).content.decode()
        assert f"ほかのアプリで {known}" in article
