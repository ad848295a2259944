from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from warifu.help.rules.documents import Document


class WebConfig(AppConfig):
    name = "warifu.web"
    label = "web"

    def ready(self) -> None:
        from warifu.help.actions import index  # noqa: PLC0415

        index.register(supplier=_documents)


def _documents() -> Iterable[Document]:
    """What only the wings can draw for the index of help: refusals and procedures."""
    from warifu.web.helpcentre import manual, refusals  # noqa: PLC0415

    yield from refusals.documents()
    yield from manual.documents()
