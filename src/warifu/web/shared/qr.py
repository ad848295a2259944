"""QR codes of one-time links, drawn into the page: nothing is fetched, nothing is kept."""

from __future__ import annotations

import segno
from django.utils.html import format_html
from django.utils.safestring import SafeString


def drawn(text: str) -> SafeString:
    """A QR code as SVG; beside it stands the same as text, so that it is hidden from screen readers."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(omitsize=True, svgclass="qr", lineclass=None)
    return format_html('<div class="qr-frame" aria-hidden="true">{}</div>', SafeString(svg))
