"""Where a request came from: a forwarded address is believed only from the own proxies."""

from __future__ import annotations

import pytest

from warifu.credentials.rules.sessions import network_address

PROXIES = ("10.0.0.1", "10.0.0.2")


@pytest.mark.parametrize(
    ("connected", "forwarded_for", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "x" * 90, "x" * 45),
    ],
)
def test_only_the_own_proxies_are_believed(connected: str, forwarded_for: str, address: str) -> None:
    assert network_address(connected=connected, forwarded_for=forwarded_for, trusted=PROXIES) == address
