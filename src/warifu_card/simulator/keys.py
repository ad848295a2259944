"""RSA keys of the simulator, made when they are first wanted and kept in a folder if there is one."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa as rsa_keys

from warifu_card.faults import PersonasUnreadable


class Keys:
    """Keys by name. With a folder they are the same the next time; nothing real is ever signed with them."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._known: dict[str, rsa_keys.RSAPrivateKey] = {}

    def rsa(self, name: str, *, size: int = 2048, exponent: int = 65537) -> rsa_keys.RSAPrivateKey:
        """The key of this name. Raises `PersonasUnreadable` when its file cannot be read."""
        if name not in self._known:
            self._known[name] = self._stored(name) or self._made(name, size, exponent)
        return self._known[name]

    def _path(self, name: str) -> Path | None:
        return None if self._folder is None else self._folder / f"{name}.pem"

    def _stored(self, name: str) -> rsa_keys.RSAPrivateKey | None:
        path = self._path(name)
        if path is None or not path.exists():
            return None
        try:
            # its checks of the primes take a third of a second a key, and these files are our own
            key = serialization.load_pem_private_key(
                path.read_bytes(), password=None, unsafe_skip_rsa_key_validation=True
            )
        except ValueError as error:
            raise PersonasUnreadable(reason=path.name) from error
        if not isinstance(key, rsa_keys.RSAPrivateKey):
            raise PersonasUnreadable(reason=path.name)
        return key

    def _made(self, name: str, size: int, exponent: int) -> rsa_keys.RSAPrivateKey:
        key = rsa_keys.generate_private_key(public_exponent=exponent, key_size=size)
        path = self._path(name)
        if path is not None:
            pem = key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(pem)
        return key
