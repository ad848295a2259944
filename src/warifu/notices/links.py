"""Links that let somebody in: made when the letter leaves, so that none stands in a table (V-04, L-06)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True, kw_only=True)
class LateLink:
    """A link still to be made: the kind says by whom, the reference from what (an id, or a path for `page`)."""

    kind: str
    reference: str


class LinkDead(Exception):
    """The link cannot be made any more (used, replaced, over); its letter is cancelled with this reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


Resolver = Callable[[str], str]


def _page(path: str) -> str:
    """A page of this site, for links that let nobody in by themselves."""
    if not path.startswith("/"):
        raise ValueError("a page's path starts with a slash")
    return f"{settings.WARIFU.site_url}{path}"


_resolvers: dict[str, Resolver] = {"page": _page, "sample_code": lambda reference: reference}


def register(kind: str, resolver: Resolver) -> None:
    """Name the function that makes links of a kind; a room does this once, when it is set up."""
    _resolvers[kind] = resolver


def resolve(link: LateLink) -> str:
    """The address of a link. Raises `LinkDead`, and LookupError for a kind that nobody makes."""
    return _resolvers[link.kind](link.reference)
