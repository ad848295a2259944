"""Settings, typed, from the environment or from secret files; a wrong one stops the start with a sentence.

Each field is read from `WARIFU_<NAME>`, or from the file `<name>` in the folder `WARIFU_SECRETS_DIR`.
"""

from __future__ import annotations

import os
from functools import cached_property
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class WrongSetting(SystemExit):
    """A setting is missing or wrong; the text says which and how to mend it. Exit code 78 (EX_CONFIG)."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        super().__init__(78)

    def __str__(self) -> str:
        return "\n".join(self.lines)


class Environment(BaseSettings):
    """All settings of an installation."""

    model_config = SettingsConfigDict(env_prefix="WARIFU_", hide_input_in_errors=True, extra="ignore", frozen=True)

    mode: Literal["production", "demo", "test"] = Field(
        "production", description="production; demo and test take test numbers only and refuse real ones (N-05)"
    )
    site_url: str = Field(
        "http://localhost:8000", description="the address people open; https in production, without a path"
    )
    allowed_hosts: list[str] = Field([], description="further host names that the server answers to, as JSON list")
    data_dir: Path = Field(Path("var"), description="folder for the embedded database, sealed files and keys")
    database_url: str = Field("", description="postgresql://user:password@host:port/name; empty means SQLite")
    secret_key: SecretStr = Field(SecretStr(""), description="signs forms and links; at least 50 random characters")
    master_key_file: Path | None = Field(
        None, description="file with the vault's master keys; made by `warifu keys create`"
    )
    trail_key_file: Path | None = Field(None, description="file with the trail's key; made by `warifu keys create`")
    credentials_key_file: Path | None = Field(
        None, description="file with the keys that seal authenticators and authorities; made by `warifu keys create`"
    )
    trail_anchor_file: Path | None = Field(
        None, description="file, best on another disk, that notes the newest link of every chain of the trail"
    )
    mail_host: str = Field("", description="SMTP server; required in production")
    mail_port: int = Field(587, ge=1, le=65535, description="port of the SMTP server")
    mail_security: Literal["starttls", "tls", "none"] = Field("starttls", description="how the connection is protected")
    mail_user: str = Field("", description="user name at the SMTP server, if it wants one")
    mail_password: SecretStr = Field(SecretStr(""), description="password at the SMTP server")
    mail_from: str = Field("", description="sender address of all letters; required in production")
    sms_url: str = Field(
        "", description="address of the SMS provider's interface, https; empty: nobody can register a phone for resets"
    )
    sms_token: SecretStr = Field(SecretStr(""), description="token that the SMS provider wants")
    sms_from: str = Field("", description="sender name or number of text messages, as agreed with the provider")
    backup_days: int = Field(
        35, ge=0, le=3650, description="how many days a backup is kept; records of disposal say when none holds it"
    )
    access_key_price: int = Field(
        100, ge=0, description="yen before tax for each ID restricted to registered devices, a month"
    )
    trusted_proxies: list[str] = Field(
        [],
        description="addresses of proxies whose X-Forwarded-For and X-SSL-Client-Cert are believed, as JSON list",
    )
    tls_certificate: Path | None = Field(
        None, description="PEM file with the server's certificate and those above it; `warifu serve` then speaks TLS"
    )
    tls_key: Path | None = Field(None, description="PEM file with the key of that certificate, without a password")
    outgoing_hosts: list[str] = Field(
        [],
        description="host names of identity providers that the server may call, as JSON list; demo and test also call "
        "the host of a registered issuer",
    )
    ca_issuing: Literal["shared", "per_organisation"] = Field(
        "shared", description="shared: one issuing authority for all; per_organisation: one for each organisation"
    )
    pkcs11_module: str = Field(
        "", description="library of a PKCS#11 token for the authorities' keys; empty keeps them sealed in the database"
    )
    pkcs11_token: str = Field("", description="label of that token")
    pkcs11_pin: SecretStr = Field(SecretStr(""), description="PIN of that token")
    card_anchors: Path | None = Field(
        None,
        description="folder with the issuers of My Number Cards that are trusted: auth/ (authorities for user "
        "authentication) and profile/ (public keys that sign the card-face data), PEM or DER; without it no cards",
    )
    card_policies: list[str] = Field(
        ["1.2.392.200149.8.5.1.3.30"],
        description="certificate policies of user authentication that are taken, as JSON list",
    )
    card_revocation: Literal["none", "crl", "ocsp", "operator"] = Field(
        "none",
        description="who is asked whether a card's certificate was revoked; only operator (accredited) makes it "
        "confirmed, everything else stays 有効性未確認",
    )
    card_revocation_address: str = Field(
        "", description="folder with CRL files, address of the OCSP responder, or address of the accredited operator"
    )
    card_operator_name: str = Field("", description="name of the accredited operator, as records and screens say it")
    card_operator_token: SecretStr = Field(SecretStr(""), description="token of the contract with that operator")
    worker: Literal["inside", "outside"] = Field(
        "inside", description="inside: the server does background work itself; outside: `warifu worker` runs apart"
    )
    folders_dir: Path | None = Field(
        None, description="folder for the originals of electronic transactions; empty: `folders` in the data folder"
    )
    folders_s3_bucket: str = Field(
        "", description="bucket of an S3-compatible store for those originals, instead of a folder"
    )
    folders_s3_url: str = Field("", description="address of that store; empty: the provider's own")
    folders_s3_region: str = Field("", description="region of that store")
    folders_s3_key: str = Field("", description="access key of that store")
    folders_s3_secret: SecretStr = Field(SecretStr(""), description="secret key of that store")
    folders_scanner: Literal["off", "clamdscan"] = Field(
        "off", description="clamdscan: files that are handed in wait until ClamAV has looked at them"
    )
    folders_timestamp_roots: Path | None = Field(
        None, description="PEM file with the root certificates of the time-stamp authorities that are believed"
    )
    folders_timestamp_url: str = Field(
        "", description="address of a time-stamp authority (RFC 3161) that is asked for stamps; empty: none is asked"
    )
    metrics_addresses: list[str] = Field(
        ["127.0.0.1", "::1"], description="addresses that may read /metrics, as JSON list"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="how much is logged")

    @field_validator("site_url")
    @classmethod
    def _site_is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
            raise ValueError("must be http(s)://host[:port] without a path")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _database_is_known(cls, value: str) -> str:
        if value and urlsplit(value).scheme not in ("postgresql", "postgres"):
            raise ValueError("must start with postgresql:// or be empty")
        return value

    @field_validator("sms_url")
    @classmethod
    def _sms_is_protected(cls, value: str) -> str:
        parts = urlsplit(value)
        is_near = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if value and parts.scheme != "https" and not (parts.scheme == "http" and is_near):
            raise ValueError("must start with https://, or with http:// on this very machine")
        return value

    @field_validator("card_revocation_address")
    @classmethod
    def _source_is_protected(cls, value: str) -> str:
        parts = urlsplit(value)
        is_near = parts.hostname in ("127.0.0.1", "::1", "localhost")
        if parts.scheme == "http" and not is_near:
            raise ValueError("must be a folder, start with https://, or with http:// on this very machine")
        return value

    @model_validator(mode="after")
    def _production_is_complete(self) -> Environment:
        if self.mode != "production":
            return self
        missing = []
        if len(self.secret_key.get_secret_value()) < 50:
            missing.append("WARIFU_SECRET_KEY needs at least 50 random characters")
        if not self.site_url.startswith("https://"):
            missing.append("WARIFU_SITE_URL must start with https:// in production")
        if not self.mail_host:
            missing.append("WARIFU_MAIL_HOST is empty: without a mail server no invitation can leave")
        if not self.mail_from:
            missing.append("WARIFU_MAIL_FROM is empty: letters need a sender")
        if self.card_revocation != "none" and not self.card_revocation_address:
            missing.append("WARIFU_CARD_REVOCATION_ADDRESS is empty: the source of revocations has no address")
        if missing:
            raise ValueError("; ".join(missing))
        return self

    @property
    def is_production(self) -> bool:
        """Whether real numbers are handled here."""
        return self.mode == "production"

    @property
    def is_https(self) -> bool:
        """Whether browsers reach the site by TLS, so that cookies may carry the __Host- prefix."""
        return self.site_url.startswith("https://")

    @cached_property
    def hosts(self) -> list[str]:
        """Host names that the server answers to."""
        own = urlsplit(self.site_url).hostname or ""
        local = [] if self.is_production else ["localhost", "127.0.0.1", "[::1]", "testserver"]
        return [own, *self.allowed_hosts, *local]

    @cached_property
    def databases(self) -> dict[str, dict[str, Any]]:
        """Django's DATABASES: SQLite in the data folder, or PostgreSQL."""
        if not self.database_url:
            return {
                "default": {
                    "ENGINE": "warifu.config.sqlite",
                    "NAME": str(self.data_dir / "warifu.sqlite3"),
                    "OPTIONS": {
                        "transaction_mode": "IMMEDIATE",
                        "timeout": 30,
                        "init_command": "PRAGMA journal_mode=WAL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-16384;",
                    },
                }
            }
        parts = urlsplit(self.database_url)
        return {
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts.path.lstrip("/"),
                "USER": unquote(parts.username or ""),
                "PASSWORD": unquote(parts.password or ""),
                "HOST": unquote(parts.hostname or ""),
                "PORT": str(parts.port or ""),
                "CONN_MAX_AGE": 60,
                "CONN_HEALTH_CHECKS": True,
            }
        }

    @cached_property
    def folders_storage(self) -> dict[str, Any]:
        """Django's storage of the originals: a folder that only the service's user reads, or a bucket."""
        if not self.folders_s3_bucket:
            return {
                "BACKEND": "django.core.files.storage.FileSystemStorage",
                "OPTIONS": {
                    "location": self.folders_dir or self.data_dir / "folders",
                    "file_permissions_mode": 0o600,
                    "directory_permissions_mode": 0o700,
                },
            }
        return {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": self.folders_s3_bucket,
                "endpoint_url": self.folders_s3_url or None,
                "region_name": self.folders_s3_region or None,
                "access_key": self.folders_s3_key or None,
                "secret_key": self.folders_s3_secret.get_secret_value() or None,
                "signature_version": "s3v4",
                "default_acl": None,
                "file_overwrite": False,
            },
        }

    @cached_property
    def trail_key_bytes(self) -> bytes:
        """The key that authenticates the trail's entries: 32 bytes."""
        return bytes.fromhex(_first_line(self.key_file("trail")))

    @cached_property
    def link_key_bytes(self) -> bytes:
        """The key from which the tokens of links are derived."""
        return self.secret_key.get_secret_value().encode()

    def key_file(self, name: Literal["master", "trail", "credentials"]) -> Path:
        """Where a key lies: the set file, or `keys/<name>.key` in the data folder."""
        chosen: dict[str, Path | None] = {
            "master": self.master_key_file,
            "trail": self.trail_key_file,
            "credentials": self.credentials_key_file,
        }
        return chosen[name] or self.data_dir / "keys" / f"{name}.key"

    @property
    def practice_phone_file(self) -> Path:
        """What the practice phone of a demo knows: its people's authenticator apps; other modes have none."""
        return self.data_dir / "practice-phone.json"

    @property
    def anchor_file(self) -> Path:
        """Where the trail's newest links are noted outside the database."""
        return self.trail_anchor_file or self.data_dir / "trail" / "anchors.log"


def load() -> Environment:
    """Read the settings of this process; raises `WrongSetting` with one line per fault."""
    secrets = os.environ.get("WARIFU_SECRETS_DIR")
    try:
        environment = Environment(_secrets_dir=secrets)
    except ValidationError as error:
        lines = ["割符の設定に誤りがあります。直してから、もう一度起動してください。"]
        for fault in error.errors():
            name = "WARIFU_" + "_".join(str(part) for part in fault["loc"]).upper() if fault["loc"] else ""
            lines.append(f"  {name} {fault['msg'].removeprefix('Value error, ')}".rstrip())
        raise WrongSetting(lines) from None
    except ValueError as error:
        raise WrongSetting([f"割符の設定を読めません: {type(error).__name__}"]) from None
    return environment


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").splitlines()[0].strip()
    except (OSError, IndexError):
        raise WrongSetting(
            [f"鍵のファイルを読めません: {path}", "  `warifu keys create` で作るか、設定を確かめてください。"]
        ) from None
