from __future__ import annotations

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse


def test_is_closed_outside_the_demo() -> None:
    with pytest.raises(NoReverseMatch):
        reverse("demo:gallery.page")


@pytest.mark.urls("tests.doors.demo.urls")
class TestPage:
    def test_ties_errors_to_their_controls(self, client: Client) -> None:
        page = client.get(reverse("demo:gallery.page")).content.decode()
        assert 'aria-describedby="id_wrong-family_name_helptext id_wrong-family_name_error"' in page
        assert 'id="id_wrong-family_name_error"' in page
        assert 'aria-invalid="true"' in page

    def test_names_no_id_twice(self, client: Client) -> None:
        import re

        page = client.get(reverse("demo:gallery.page")).content.decode()
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
