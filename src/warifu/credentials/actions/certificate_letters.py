"""Letters about certificates that end soon, and about those that nobody uses (C-06), each in a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.credentials.models import Certificate
from warifu.credentials.rules import certificates as rules
from warifu.foundation.actor import SYSTEM
from warifu.foundation.days import jst_day
from warifu.notices import actions as notices
from warifu.notices import kinds
from warifu.notices.links import LateLink
from warifu.organisations import queries as organisations

BATCH = 1000
"""Certificates of one transaction."""
RENEW = LateLink(kind="page", reference="/certificates/obtain/")
"""Where a person renews, after signing in."""
SECURITY = LateLink(kind="page", reference="/security/")
"""Where a person stops what they do not use any more."""


def remind_due(*, at: datetime) -> int:
    """Remind of certificates that end within 60, 28, 7 days or one, once for each; returns how many (daily).

    Whoever has renewed or stopped theirs hears nothing more; of several missed reminders only the latest leaves.
    """
    reminded = 0
    for days in sorted(rules.REMINDERS):
        unreminded = Q(reminded_days=None) | Q(reminded_days__gt=days)
        due = _running(at).filter(unreminded, replaced_at=None, valid_until__lte=at + timedelta(days=days))
        reminded += _in_batches(due, lambda batch, days=days: _remind(batch, days, at))  # type: ignore[misc]
    return reminded


def note_unused(*, at: datetime) -> int:
    """Point out certificates that nobody has used in two months since they were issued; returns how many."""
    due = _running(at).filter(
        replaced_at=None, first_used_at=None, unused_noted_at=None, issued_at__lte=at - rules.UNUSED
    )
    return _in_batches(due, lambda batch: _point_out(batch, at))


def _running(at: datetime) -> QuerySet[Certificate]:
    return Certificate.objects.filter(revoked_at=None, valid_until__gt=at, member__state="active").order_by("id")


def _in_batches(due: QuerySet[Certificate], work: Callable[[list[Certificate]], None]) -> int:
    done = 0
    while True:
        with transaction.atomic():
            batch = list(due.select_for_update(of=("self",), skip_locked=True).defer("der")[:BATCH])
            work(batch)
        done += len(batch)
        if len(batch) < BATCH:
            return done


def _remind(batch: list[Certificate], days: int, at: datetime) -> None:
    Certificate.objects.filter(id__in=[row.id for row in batch]).update(reminded_days=days)
    for organisation_id, rows in _by_organisation(batch):
        _post(
            organisation_id,
            rows,
            lambda row, organisation_name, name: kinds.CertificateEnding(
                organisation_name=organisation_name,
                name=name,
                factor_name=row.device_name or row.issued_to,
                ends_on=jst_day(row.valid_until),
                link=RENEW,
            ),
            key=f"certificate_ending:{days}",
            at=at,
        )
        audit.record(
            event=Events.CERTIFICATES_REMINDED,
            by=SYSTEM,
            at=at,
            organisation_id=organisation_id,
            days=days,
            count=len(rows),
        )


def _point_out(batch: list[Certificate], at: datetime) -> None:
    Certificate.objects.filter(id__in=[row.id for row in batch]).update(unused_noted_at=at)
    for organisation_id, rows in _by_organisation(batch):
        _post(
            organisation_id,
            rows,
            lambda row, organisation_name, name: kinds.CertificateUnused(
                organisation_name=organisation_name,
                name=name,
                factor_name=row.device_name or row.issued_to,
                issued_on=jst_day(row.issued_at),
                link=SECURITY,
            ),
            key="certificate_unused",
            at=at,
        )
        audit.record(
            event=Events.CERTIFICATES_UNUSED, by=SYSTEM, at=at, organisation_id=organisation_id, count=len(rows)
        )


def _by_organisation(batch: Sequence[Certificate]) -> list[tuple[UUID, list[Certificate]]]:
    found: dict[UUID, list[Certificate]] = defaultdict(list)
    for row in batch:
        if row.organisation_id is not None:
            found[row.organisation_id].append(row)
    return list(found.items())


def _post(
    organisation_id: UUID,
    rows: list[Certificate],
    letter: Callable[[Certificate, str, str], kinds.Letter],
    *,
    key: str,
    at: datetime,
) -> None:
    organisation_name = organisations.organisation(organisation_id=organisation_id).name
    ids = {row.member_id for row in rows if row.member_id}
    people = organisations.known_members_by_id(organisation_id=organisation_id, member_ids=ids)
    names = organisations.names_of(organisation_id=organisation_id, member_ids=ids)
    letters = []
    for row in rows:
        person = people.get(row.member_id) if row.member_id else None
        if person is None or not person.mail:
            continue
        addressed = notices.Addressed(
            letter=letter(row, organisation_name, names[person.id]),
            member_id=person.id,
            to_mail=person.mail,
            to_name=names[person.id],
            key=f"{key}:{row.id}",
        )
        letters.append(addressed)
    notices.post_many(letters=letters, organisation_id=organisation_id, by=SYSTEM, at=at)
