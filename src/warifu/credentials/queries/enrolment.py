"""Reads for the obtaining of a certificate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from warifu.credentials.queries.certificates import CertificateLine, certificates_of
from warifu.credentials.rules import enrolment as rules
from warifu.organisations import queries as organisations


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a person may obtain: the name proposed for the certificate, and which ones may be renewed now."""

    organisation_name: str
    person_name: str
    issued_to: str
    mail: str
    renewable: tuple[CertificateLine, ...]
    running: int


def offer(*, organisation_id: UUID, member_id: UUID, at: datetime) -> Offer:
    """What is offered to a member: the name of the newest running certificate, or one made from organisation and
    person; renewable are those whose window is open (C-06). Raises `NotFound`. Three queries.
    """
    member = organisations.member(organisation_id=organisation_id, member_id=member_id)
    organisation = organisations.organisation(organisation_id=organisation_id)
    lines = certificates_of(organisation_id=organisation_id, member_id=member_id)
    running = [line for line in lines if line.state(at) in ("running", "ending")]
    proposed = rules.proposed(organisation_name=organisation.name, person_name=member.full_name)
    return Offer(
        organisation_name=organisation.name,
        person_name=member.full_name,
        issued_to=running[0].issued_to if running else proposed,
        mail=member.mail,
        renewable=tuple(line for line in running if line.state(at) == "ending"),
        running=len(running),
    )
