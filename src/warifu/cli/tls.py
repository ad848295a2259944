"""TLS at the server itself: its certificate, and what it asks of browsers (V-10, C-04).

Only TLS 1.2 and 1.3. A browser may show an electronic certificate; TLS proves that it holds the key and that one of our
authorities has signed. Ended ones are let through on purpose, so that the application can say what to do instead of the
browser; whether one still holds, and whose it is, is asked of the database at every request (C-05).
"""

from __future__ import annotations

import ctypes
import os
import ssl
import threading
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.db import DatabaseError, connections
from django.utils import timezone

from warifu.credentials.actions import certificates
from warifu.credentials.queries import trust
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

RENEWED = timedelta(days=30)
"""A certificate of our own authority that ends sooner is replaced."""
LOOKED_AFTER = timedelta(minutes=10)
"""How often the running server looks for new files and authorities."""
_LOCAL = ("localhost", "127.0.0.1", "::1")
_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, which Python's `ssl` has no name for."""

log = structlog.get_logger("warifu.tls")


class SiteNotHttps(Refused):
    """The server would speak TLS, but cookies and links are made for http."""

    code = "WF-S655"
    sentence = _("TLS で動かすには、サイトの住所が https:// で始まっている必要があります(いまは {site_url})。")
    remedy = _("`WARIFU_SITE_URL=https://{host}:{port} warifu serve --tls` のように設定してください。")


class TlsFilesUnusable(Refused):
    """The certificate or its key cannot be read, or they do not belong together."""

    code = "WF-S656"
    sentence = _("TLS の証明書と鍵を使えません({certificate}、{key})。")
    remedy = _("PEM 形式の証明書(中間証明書を続けて入れたもの)と、それに合う、パスワードのない鍵かを確かめてください。")


class TlsHalf(Refused):
    """Of certificate and key only one is named."""

    code = "WF-S657"
    sentence = _("TLS の証明書と鍵は、両方を指定してください。")
    remedy = _("`--tls-certificate` と `--tls-key`(または同じ名前の設定)を、そろえて指定してください。")


@dataclass(frozen=True, kw_only=True)
class Files:
    """The server's certificate with what is above it, and its key, both in PEM; the root when it is our own."""

    certificate: Path
    key: Path
    root: Path | None = None


def chosen(*, own: bool, certificate: Path | None, key: Path | None, host: str, port: int) -> Files | None:
    """What to serve TLS with: the named files, else with `own` a certificate of our authority; None means http.

    Raises `SiteNotHttps`, `TlsHalf`, `AuthorityMissing`.
    """
    certificate, key = certificate or settings.WARIFU.tls_certificate, key or settings.WARIFU.tls_key
    if (certificate is None) != (key is None):
        raise TlsHalf
    if certificate is None and not own:
        return None
    if not settings.WARIFU.is_https:
        raise SiteNotHttps(site_url=settings.WARIFU.site_url, host="localhost" if host in _LOCAL else host, port=port)
    if certificate is not None and key is not None:
        return Files(certificate=certificate, key=key)
    return of_our_own()


def of_our_own() -> Files:
    """A certificate of our own authority in `tls/` of the data folder, for trials; made anew when it ends soon, or when
    names were added. Raises `AuthorityMissing`."""
    folder = settings.WARIFU.data_dir / "tls"
    files = Files(certificate=folder / "server.pem", key=folder / "server.key", root=folder / "root.pem")
    names = _names()
    if not _is_good(files, names):
        made = certificates.issue_server(names=names, at=timezone.now())
        folder.mkdir(mode=0o700, exist_ok=True)
        _write(files.key, made.key_pem)
        _write(files.certificate, made.chain_pem)
        _write(folder / "root.pem", made.root_pem)
        _write(folder / "server.names", _as_text(names, made.valid_until.isoformat()))
    return files


def how_to_trust(root: Path) -> str:
    """What to tell the operator about the root certificate of `of_our_own`."""
    return f"""割符の認証局の証明書で TLS を話します(試用)。端末に次のルート証明書を信頼させると、警告が出なくなります。
  {root.resolve()} ({settings.WARIFU.site_url}/ca/root.crt)
  Windows: ダブルクリック →「証明書のインストール」→「信頼されたルート証明機関」
  macOS:   キーチェーンアクセスに入れ、「常に信頼」にする
  Linux:   sudo cp {root.name} /usr/local/share/ca-certificates/warifu.crt && sudo update-ca-certificates
  Firefox: 設定 →「証明書を表示」→「認証局証明書」→「インポート」
TLS with a certificate of our own authority, for trials: let devices trust the root certificate above."""


class Tls:
    """How the running server speaks TLS. New files, new authorities and the end of our own certificate are looked for
    every `LOOKED_AFTER` and when `look` is called (SIGHUP); connections made from then on get what is new.

    A context that is in use is never changed: each handshake is handed the newest one. Raises `TlsFilesUnusable`.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._seen = _state(files)
        self._newest = self.outer = _context(*self._seen)
        self.outer.sni_callback = self._hand_over
        self._wanted, self._over = threading.Event(), False
        self._thread = threading.Thread(target=self._watch, name="tls", daemon=True)

    def start(self) -> None:
        """Begin to look for changes."""
        self._thread.start()

    def stop(self) -> None:
        """Look no more."""
        self._over = True
        self._wanted.set()

    def look(self) -> None:
        """Look for changes now."""
        self._wanted.set()

    def _hand_over(self, connection: ssl.SSLObject, _name: str | None, _outer: ssl.SSLContext) -> None:
        connection.context = self._newest

    def _watch(self) -> None:
        while not self._over:
            self._wanted.wait(LOOKED_AFTER.total_seconds())
            self._wanted.clear()
            if not self._over:
                self._take_what_is_new()
                connections.close_all()

    def _take_what_is_new(self) -> None:
        try:
            if self._files.root:
                of_our_own()
            seen = _state(self._files)
            if seen != self._seen:
                self._newest, self._seen = _context(*seen), seen
                log.info("tls_renewed", certificate=str(self._files.certificate))
        except (Refused, DatabaseError) as fault:
            log.warning("tls_not_renewed", fault=str(fault))


def _state(files: Files) -> tuple[Files, tuple[float, ...], tuple[bytes, ...]]:
    try:
        changed = tuple(path.stat().st_mtime for path in (files.certificate, files.key))
    except OSError:
        raise TlsFilesUnusable(certificate=files.certificate, key=files.key) from None
    return files, changed, tuple(trust.authorities(at=timezone.now()))


def _context(files: Files, _changed: tuple[float, ...], known: tuple[bytes, ...]) -> ssl.SSLContext:
    """TLS with the files; a certificate is asked of browsers when there is an authority that could have signed it."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    made.set_alpn_protocols(["http/1.1"])
    try:
        made.load_cert_chain(files.certificate, files.key, password=lambda: "")
    except (OSError, ValueError):
        raise TlsFilesUnusable(certificate=files.certificate, key=files.key) from None
    if known:
        made.verify_mode = ssl.CERT_OPTIONAL
        made.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
        made.load_verify_locations(cadata=b"".join(known))
        _name_authorities(made, known)
    return made


def _name_authorities(made: ssl.SSLContext, known: tuple[bytes, ...]) -> None:
    """Tell browsers which authorities we look for, so that they offer no other certificate, such as the one of a
    マイナンバーカード. Python's `ssl` has no word for it; OpenSSL's own is called. Where that is not possible, browsers
    offer all that they have, and nothing else changes."""
    try:
        library = ctypes.CDLL(ssl._ssl.__file__)  # type: ignore[attr-defined]
        mode, to_name = library.SSL_CTX_get_verify_mode, library.SSL_CTX_add_client_CA
        read, free = library.d2i_X509, library.X509_free
    except (AttributeError, OSError):
        return
    pointer = ctypes.c_void_p.from_address(id(made) + object.__basicsize__)
    mode.argtypes, to_name.argtypes, free.argtypes = [ctypes.c_void_p], [ctypes.c_void_p] * 2, [ctypes.c_void_p]
    read.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_char_p), ctypes.c_long]
    read.restype = ctypes.c_void_p
    if mode(pointer) != made.verify_mode:
        return
    for der in known:
        certificate = read(None, ctypes.byref(ctypes.c_char_p(der)), len(der))
        if certificate:
            to_name(pointer, certificate)
            free(certificate)


def _names() -> list[str]:
    own = urlsplit(settings.WARIFU.site_url).hostname or "localhost"
    return list(dict.fromkeys([own, *settings.WARIFU.allowed_hosts, *_LOCAL]))


def _is_good(files: Files, names: list[str]) -> bool:
    note = files.certificate.with_name("server.names")
    if files.root is None or not all(path.is_file() for path in (files.certificate, files.key, files.root, note)):
        return False
    soon = (timezone.now() + RENEWED).isoformat()
    *kept, until = note.read_text(encoding="utf-8").splitlines()
    root = ssl.PEM_cert_to_DER_cert(files.root.read_text(encoding="ascii"))
    return kept == names and until > soon and root in trust.authorities(at=timezone.now())


def _as_text(names: list[str], until: str) -> bytes:
    return "\n".join([*names, until]).encode()


def _write(path: Path, content: bytes) -> None:
    """Put a file in place whole, readable by this user alone."""
    beside = path.with_name(path.name + ".new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
    beside.replace(path)
