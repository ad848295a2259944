"""Reads of factors: everything that was ever bound to a person to prove who they are, with its times (L-21)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from warifu.credentials.models import Authenticator, Passkey, RecoveryCode


@dataclass(frozen=True, kw_only=True)
class FactorLine:
    """One factor of a person: `kind` is `passkey` or `authenticator`; stopped ones keep their line (L-21).

    `is_synced` says that a passkey may live on several devices of its owner, so it proves the person and not a device
    (L-18); it is False for other kinds.
    """

    id: UUID
    kind: str
    name: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    is_synced: bool = False

    @property
    def is_living(self) -> bool:
        """Whether it can still be used."""
        return self.revoked_at is None


@dataclass(frozen=True, kw_only=True)
class RecoveryBatch:
    """Recovery codes that were made together: how many there were and how many can still be used."""

    made_at: datetime
    count: int
    left: int


@dataclass(frozen=True, kw_only=True)
class FactorList:
    """All factors of a person, past ones included, the newest first, and their recovery codes."""

    lines: tuple[FactorLine, ...] = ()
    recovery: tuple[RecoveryBatch, ...] = ()

    @property
    def living(self) -> tuple[FactorLine, ...]:
        """Those that can still be used."""
        return tuple(line for line in self.lines if line.is_living)

    @property
    def past(self) -> tuple[FactorLine, ...]:
        """Those that were stopped."""
        return tuple(line for line in self.lines if not line.is_living)

    @property
    def passkeys(self) -> tuple[FactorLine, ...]:
        """The passkeys that can still be used."""
        return tuple(line for line in self.living if line.kind == "passkey")

    @property
    def authenticators(self) -> tuple[FactorLine, ...]:
        """The authenticator apps that can still be used."""
        return tuple(line for line in self.living if line.kind == "authenticator")

    @property
    def codes_left(self) -> int:
        """How many recovery codes are left."""
        return sum(batch.left for batch in self.recovery)


def factors_of(*, organisation_id: UUID, member_id: UUID) -> FactorList:
    """Every factor that a member has and had, from the first day on (L-21). Three queries."""
    mine = {"member_id": member_id, "member__organisation_id": organisation_id}
    passkeys = [
        FactorLine(
            id=row.id,
            kind="passkey",
            name=row.name,
            created_at=row.created_at,
            used_at=row.used_at,
            revoked_at=row.revoked_at,
            is_synced=row.is_synced,
        )
        for row in Passkey.objects.filter(**mine)
    ]
    apps = [
        FactorLine(
            id=row.id,
            kind="authenticator",
            name=row.name,
            created_at=row.created_at,
            used_at=row.used_at,
            revoked_at=row.revoked_at,
        )
        for row in Authenticator.objects.filter(**mine).exclude(confirmed_at=None)
    ]
    batches = (
        RecoveryCode.objects.filter(**mine)
        .values("made_at")
        .annotate(count=Count("id"), left=Count("id", filter=Q(used_at=None, replaced_at=None)))
        .order_by("-made_at")
    )
    return FactorList(
        lines=tuple(sorted([*passkeys, *apps], key=lambda line: line.created_at, reverse=True)),
        recovery=tuple(RecoveryBatch(**batch) for batch in batches),
    )
