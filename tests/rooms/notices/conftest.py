"""A real SMTP server on the loopback address, which answers as a test tells it to."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.cast import MORNING, Cast
from warifu.notices import kinds
from warifu.notices.actions import Addressed
from warifu.notices.links import LateLink


class Server:  # its methods are named by aiosmtpd
    """Keeps what it accepts; `answers` maps an address to the replies its RCPT gets, one after another."""

    def __init__(self) -> None:
        self.accepted: list[tuple[str, bytes]] = []
        self.answers: dict[str, list[str]] = {}
        self.data_answers: list[str] = []
        self.connections = 0
        self.before_data: Any = None

    async def handle_EHLO(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: list[str]) -> str:  # noqa: N802
        if self.answers.get(address):
            return self.answers[address].pop(0)
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.data_answers:
            answer = self.data_answers.pop(0)
            if answer == "vanish":
                server.transport.abort()
            if answer != "vanish":
                return answer
            if answer == "vanish":
                self.accepted.append((envelope.rcpt_tos[0], envelope.content))
                return "250 OK"
        self.accepted.append((envelope.rcpt_tos[0], envelope.content))
        return "250 2.0.0 OK"

    def mails(self) -> list[EmailMessage]:
        """What was accepted, read as mails."""
        return [email.message_from_bytes(content, policy=email.policy.default) for _, content in self.accepted]

    def recipients(self) -> list[str]:
        """To whom, in order."""
        return [address for address, _ in self.accepted]


@pytest.fixture
def server(settings: Any) -> Iterator[Server]:
    """An SMTP server that the settings point to."""
    handler = Server()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = port
    settings.EMAIL_USE_TLS = False
    settings.DEFAULT_FROM_EMAIL = "number@example.jp"
    yield handler
    controller.stop()


def invitation(name: str = "井上 郁", organisation_name: str = "株式会社青葉商会") -> kinds.Invitation:
    """An invitation as the collection writes it."""
    return kinds.Invitation(
        organisation_name=organisation_name,
        name=name,
        due_on=MORNING.date(),
        valid_until=MORNING,
        contact="総務課",
        link=LateLink(kind="page", reference="/a/abc"),
    )


def addressed(cast: Cast, key: str = "invitation:1", to_mail: str = "i002@example.jp", **changes: Any) -> Addressed:
    """An invitation to Inoue."""
    values: dict[str, Any] = {"letter": invitation(), "member_id": cast.inoue.id, "to_name": "井上 郁"}
    return Addressed(key=key, to_mail=to_mail, **(values | changes))
