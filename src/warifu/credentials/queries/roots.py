"""Root certificates of others that an operator has set, read for rooms that hold no key."""

from __future__ import annotations

from cryptography import x509


def certificates_in(*, pem: bytes) -> list[x509.Certificate]:
    """The certificates of a PEM file. Raises ValueError when there is none."""
    return x509.load_pem_x509_certificates(pem)
