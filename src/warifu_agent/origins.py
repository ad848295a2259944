"""Origins: who may ask. `https://host[:port]`, nothing more; on this very computer also http, for trials."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_LOOPBACK = {"localhost", "127.0.0.1"}
_SHAPE = re.compile(r"(?P<scheme>https?)://(?P<host>[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(?P<port>[1-9][0-9]{0,4}))?")
_USUAL = {"https": 443, "http": 80}


def is_origin(text: str, *, is_trial: bool) -> bool:
    """Whether a text is an origin as browsers write it: small letters, no usual port, no path, ASCII only."""
    found = _SHAPE.fullmatch(text)
    if not found:
        return False
    scheme, host, port = found.group("scheme", "host", "port")
    if int(port or 1) > 65535 or port == str(_USUAL[scheme]):
        return False
    return scheme == "https" or (is_trial and host in _LOOPBACK)


def origin_of(address: str) -> str:
    """The origin of an address that a person typed: `HTTPS://Warifu.Example:443/signin` becomes
    `https://warifu.example`. What is no address comes back as it is, and is no origin."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return address
    if parts.scheme not in _USUAL or not parts.hostname or parts.username is not None:
        return address
    shown = "" if port in (None, _USUAL[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{parts.hostname}{shown}"
