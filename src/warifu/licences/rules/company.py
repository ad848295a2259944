"""What a registration says about the company (000-10)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from warifu.credentials.rules.secrets import bare

NEEDED = ("name", "person", "mail", "phone")


def is_complete(company: Mapping[str, Any]) -> bool:
    """Whether everything that is needed was given."""
    return all(company.get(key) for key in NEEDED)


def bare_phone(text: str) -> str:
    """A telephone number as it is compared: its digits alone."""
    return bare(text)
