"""What a server does with a library for it, so that the tests believe no signature for the asking."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_der_x509_certificate

from warifu_card.evidence import PublicKey


def verify(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """PKCS#1 v1.5 with SHA-256."""
    public = rsa.RSAPublicNumbers(key.exponent, key.modulus).public_key()
    try:
        public.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def verify_with(certificate: bytes, signature: bytes, message: bytes) -> bool:
    """The same with a certificate's key."""
    key = load_der_x509_certificate(certificate).public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    numbers = key.public_numbers()
    return verify(PublicKey(numbers.n, numbers.e), signature, message)
