"""Papers: tagged PDFs with Japanese fonts, from our templates (PDF/UA-1). The only place that knows WeasyPrint.

Nothing is fetched: a paper holds its style and its pictures itself, as `data:` addresses. The same template and values
give the same bytes on the same machine, so that a paper can be recognised by its hash.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from io import BytesIO
from typing import TYPE_CHECKING, Any

import segno
from django.template import loader
from django.utils import translation

from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

if TYPE_CHECKING:
    from weasyprint import HTML

LANGUAGE = "ja"


class PapersNotReady(Refused):
    """The libraries that draw PDFs are not installed on the server."""

    code = "WF-N401"
    sentence = _("このサーバーには、PDFを作るための部品がまだ入っていません。")
    remedy = _(
        "運用の担当者に、Debianのパッケージ libpango-1.0-0、libpangoft2-1.0-0、libharfbuzz-subset0、"
        "fonts-noto-cjk を入れるよう伝えてください。ほかの操作はそのまま使えます。"
    )
    status = 503


def insist_ready() -> None:
    """Raise `PapersNotReady` where PDFs cannot be made."""
    try:
        import weasyprint  # noqa: F401, PLC0415
    except OSError:
        raise PapersNotReady from None


def pdf(template: str, values: Mapping[str, object], *, title: str, language: str = LANGUAGE) -> bytes:
    """A paper as the bytes of a tagged PDF.

    `template` extends `papers/base.html`, which says which blocks there are; `values` are its variables; `title` stands
    in the header of each page and in the file. A picture needs an alternative text, or stands in CSS. Raises
    `PapersNotReady`, and `FatalURLFetchingError` when the template asks for anything but a `data:` address.
    """
    identifier = hashlib.sha256(f"{template} {title}".encode()).digest()[:16]
    made: bytes = _page(template, values, title=title, language=language).write_pdf(
        pdf_variant="pdf/ua-1", pdf_identifier=identifier
    )
    return made


def qr(text: str) -> str:
    """A QR code as a `data:` address for `<img>`; the same must stand beside it as text."""
    drawn = BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", border=2, xmldecl=False, svgns=True)
    return "data:image/svg+xml;base64," + base64.b64encode(drawn.getvalue()).decode()


def _page(template: str, values: Mapping[str, object], *, title: str, language: str) -> HTML:
    insist_ready()
    # Loaded here, so that a process that prints nothing does not wait half a second for it.
    from weasyprint import HTML  # noqa: PLC0415
    from weasyprint.urls import FatalURLFetchingError, URLFetcher  # noqa: PLC0415

    class Closed(URLFetcher):  # type: ignore[misc]
        """Lets in what the page carries itself, and nothing else."""

        def fetch(self, url: str, headers: Any = None) -> Any:
            """A `data:` address's bytes."""
            if not url.startswith("data:"):
                raise FatalURLFetchingError(f"A paper may not fetch {url[:100]}")
            return super().fetch(url, headers)

    with translation.override(language):
        text = loader.render_to_string(template, {**values, "title": title, "language": language})
    return HTML(string=text, url_fetcher=Closed())
