"""The browser of all journeys: one Chromium for each worker process."""

from tests.browser import browser, desk_page, phone

__all__ = ["browser", "desk_page", "phone"]
