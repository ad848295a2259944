"""System checks of the room お知らせ: can letters be written, and can they leave?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.template import TemplateDoesNotExist, loader

from warifu.notices import kinds, rules

PARTS = ("subject.txt", "body.txt", "body.html")


def check_mail(**_: Any) -> list[CheckMessage]:
    """The sender is an address, a server is named, and passwords do not cross the net in the clear."""
    found: list[CheckMessage] = []
    environment = settings.WARIFU
    if not rules.is_mail_address(settings.DEFAULT_FROM_EMAIL):
        found.append(
            Error(
                "WARIFU_MAIL_FROM is not a mail address.",
                hint="Give the bare address, such as number@example.jp; each organisation's name is added to it.",
                id="warifu.notices.E001",
            )
        )
    if environment.is_production and not environment.mail_host:
        found.append(
            Error(
                "WARIFU_MAIL_HOST is empty: no letter can leave.",
                hint="Name the SMTP server, its port and how the connection is protected.",
                id="warifu.notices.E002",
            )
        )
    if environment.mail_host and environment.mail_user and environment.mail_security == "none":
        found.append(
            checks.Warning(
                "The password of the mail server crosses the net without protection.",
                hint="Set WARIFU_MAIL_SECURITY to starttls or tls.",
                id="warifu.notices.W001",
            )
        )
    return found


def check_templates(**_: Any) -> list[CheckMessage]:
    """Each kind of letter has its subject, its text and its HTML."""
    found: list[CheckMessage] = []
    for kind in kinds.ALL:
        for part in PARTS:
            try:
                loader.get_template(f"notices/{kind.kind()}/{part}")
            except TemplateDoesNotExist:
                found.append(
                    Error(
                        f"The letter {kind.kind()} has no {part}.",
                        hint=f"Write notices/templates/notices/{kind.kind()}/{part}.",
                        id="warifu.notices.E003",
                    )
                )
    return found
