"""The stages of a sign-in: what each is called, whom it is asked of, what proves it (B3).

Stages that ask stand in `STAGES`, in order. What a browser shows by itself (an electronic certificate, an access key)
is looked at in `SILENT` once the first stage is passed: it adds a factor, or closes the door.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import transaction

from warifu.audit import actions as audit
from warifu.audit.events import Credentials as Events
from warifu.cards.actions import bindings, challenges
from warifu.cards.rules.refusals import CardNotAccepted
from warifu.credentials import passwords
from warifu.credentials.actions import (
    access_keys,
    attempts,
    authenticators,
    certificates,
    factors,
    mail_codes,
    passkeys,
    recovery,
)
from warifu.credentials.actions.certificates import Presented
from warifu.credentials.models import Password
from warifu.credentials.queries import access_keys as keys
from warifu.credentials.queries import ids
from warifu.credentials.rules import policy
from warifu.credentials.rules.codes import CodeNotAccepted, SecondNotAccepted
from warifu.credentials.rules.policy import Demands
from warifu.foundation.actor import SYSTEM
from warifu.foundation.refusals import Refused
from warifu.organisations import queries as organisations
from warifu.organisations.queries import MemberView


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """The browser that wants in: its words about itself, its network address, its device token, and what it shows by
    itself: the electronic certificate of its connection (DER, as the server verified it) and its access key."""

    browser: str
    address: str
    device: str = ""
    certificate: bytes = b""
    access_key: str = ""


@dataclass(frozen=True, kw_only=True)
class Account:
    """Whom a stage examines: a member with what is kept of their password, or nobody (L-10).

    `device` is the token of the browser in front, when the member has signed in with it before.
    """

    member: MemberView | None
    organisation_code: str = ""
    password_hash: str | None = None
    password_set_at: datetime | None = None
    demands: Demands = field(default_factory=Demands)
    second: frozenset[str] = frozenset()
    wants_device_passkey: bool = False
    device: str = ""

    @property
    def queue(self) -> str:
        """Under which name tries at later stages are counted: a known device has a count of its own (L-11)."""
        return f"{self.member.id} {self.device}".rstrip() if self.member else ""


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a browser showed by itself: the factor, and the row that it belongs to."""

    factor: str
    reference: UUID


class Stage(ABC):
    """One step of a sign-in."""

    name: str

    @abstractmethod
    def wanted(self, account: Account, factors_shown: Collection[str]) -> bool:
        """Whether this account has to pass the stage, after what was shown before."""

    def open(self, *, process: UUID, account: Account, at: datetime) -> None:  # noqa: B027
        """What is done when the stage becomes due, such as mailing a code; nothing by default."""

    @abstractmethod
    def proves(self, *, process: UUID, account: Account, answer: str, at: datetime) -> str:
        """The factor that the answer proves, or an empty text; takes the same time when there is nobody (L-10)."""

    def refusal(self, *, process: UUID, answer: str, at: datetime) -> Refused:
        """Why an answer was not taken, for somebody who has passed the first stage."""
        return CodeNotAccepted()

    def after(self, account: Account, answer: str) -> None:  # noqa: B027
        """What is put in order once the answer was right; nothing by default."""


class SilentStage(ABC):
    """What a browser shows without asking its person."""

    @abstractmethod
    def shown(self, *, account: Account, visitor: Visitor, at: datetime) -> Shown | None:
        """The factor that the browser shows for this account, or None. May refuse entry."""


class PasswordStage(Stage):
    """The password, asked of everybody, also of those whom nobody knows, unless a passkey, a card or a trusted identity
    provider has told who it is."""

    name = "password"

    def wanted(self, account: Account, factors_shown: Collection[str]) -> bool:
        """Unless something else has told who it is."""
        return not {"passkey", "device_passkey", "card", "external", "external_strong"} & set(factors_shown)

    def proves(self, *, process: UUID, account: Account, answer: str, at: datetime) -> str:
        """Compare with the kept hash, or with a decoy (L-10)."""
        return "password" if passwords.fits(answer, account.password_hash) else ""

    def after(self, account: Account, answer: str) -> None:
        """Hash the password anew when the figures have changed (L-05)."""
        if account.member and account.password_hash and passwords.is_outdated(account.password_hash):
            kept = Password.objects.filter(member_id=account.member.id, hash=account.password_hash)
            kept.update(hash=passwords.hashed(answer))


class SecondStage(Stage):
    """The second factor, asked of everybody who has one, until something of its strength was shown."""

    name = "second"

    def wanted(self, account: Account, factors_shown: Collection[str]) -> bool:
        """When the person has one and the session would be weak without it; always where a device's passkey is wanted
        (C-08)."""
        if account.wants_device_passkey:
            return "device_passkey" not in factors_shown
        return bool(account.second) and policy.level_of(list(factors_shown)) < 2

    def proves(self, *, process: UUID, account: Account, answer: str, at: datetime) -> str:
        """A code of the authenticator app, one of the recovery codes, or the answer of a passkey or a card (JSON)."""
        if account.member is None:
            return ""
        if challenges.is_answer(text=answer):
            return "" if account.wants_device_passkey else self._card(account.member.id, answer, at)
        if answer.startswith("{"):
            return self._passkey(account.member.id, answer, account.wants_device_passkey, at)
        if account.wants_device_passkey:
            return ""
        if authenticators.fits(member_id=account.member.id, code=answer, at=at):
            return "authenticator"
        return "recovery_code" if recovery.fits(member_id=account.member.id, typed=answer, at=at) else ""

    def _passkey(self, member_id: UUID, answer: str, wants_device: bool, at: datetime) -> str:
        try:
            holder = passkeys.holder_of(answer=answer, purpose=passkeys.SECOND, member_id=member_id, at=at)
        except Refused:
            return ""
        factor = keys.factor_of(passkey_id=holder.passkey_id)
        return "" if wants_device and factor != "device_passkey" else factor

    def _card(self, member_id: UUID, answer: str, at: datetime) -> str:
        try:
            card = challenges.answered(answer=answer, at=at)
            bindings.holder_of(card=card, member_id=member_id, at=at)
        except Refused:
            return ""
        return "card"

    def refusal(self, *, process: UUID, answer: str, at: datetime) -> Refused:
        """For a passkey and for a card other words than for a code."""
        if challenges.is_answer(text=answer):
            return CardNotAccepted()
        return passkeys.PasskeyNotAccepted() if answer.startswith("{") else SecondNotAccepted()


_STRONGER = frozenset(
    {"authenticator", "recovery_code", "passkey", "device_passkey", "card", "mail_code", "external_strong"}
)


class MailCodeStage(Stage):
    """メール確認コード, where the role demands it and nothing stronger was shown."""

    name = "code"

    def wanted(self, account: Account, factors_shown: Collection[str]) -> bool:
        """When the role demands it; a certificate does not spare it, another second factor does."""
        return account.member is not None and account.demands.mail_code and not _STRONGER & set(factors_shown)

    def open(self, *, process: UUID, account: Account, at: datetime) -> None:
        """Mail a new code."""
        if account.member is not None:
            mail_codes.send(process=process, member=account.member, queue=account.queue, at=at)

    def proves(self, *, process: UUID, account: Account, answer: str, at: datetime) -> str:
        """The newest code of this very sign-in."""
        return "mail_code" if mail_codes.fits(process=process, typed=answer, at=at) else ""

    def refusal(self, *, process: UUID, answer: str, at: datetime) -> Refused:
        """Wrong, too old, replaced by a newer one, or tried too often."""
        return mail_codes.why_not(process=process, typed=answer, at=at)

    def after(self, account: Account, answer: str) -> None:
        """Whoever reads the mails need not wait for the next one."""
        attempts.clear(purpose="code.account", subject=account.queue)


class AccessKeyStage(SilentStage):
    """アクセスキー: a restricted member comes in only from a browser with a key of theirs (003-13, C-08)."""

    def shown(self, *, account: Account, visitor: Visitor, at: datetime) -> Shown | None:
        """The key of this member among those that the browser keeps. Raises `DeviceNotAllowed`."""
        if account.member is None or account.wants_device_passkey:
            return None
        key_id = access_keys.insist_allowed(
            member=account.member, shown=visitor.access_key, address=visitor.address, at=at
        )
        return Shown(factor="access_key", reference=key_id) if key_id else None


class CertificateStage(SilentStage):
    """The electronic certificate of the connection: a factor for its holder, and for nobody else (C-04)."""

    def shown(self, *, account: Account, visitor: Visitor, at: datetime) -> Shown | None:
        """The factor `certificate`; somebody else's adds nothing, and the trail notes it."""
        found = certificates.presented(der=visitor.certificate, at=at) if visitor.certificate else None
        member = account.member
        if found is None or member is None:
            return None
        if (found.member_id, found.organisation_id) != (member.id, member.organisation_id):
            self._note(member, found, visitor, at)
            return None
        certificates.note_use(certificate_id=found.id, at=at)
        return Shown(factor="certificate", reference=found.id)

    def _note(self, member: MemberView, found: Presented, visitor: Visitor, at: datetime) -> None:
        try:
            attempts.take(purpose="denial", subject=f"{member.id} {found.id}", at=at)
        except attempts.TooManyAttempts:
            return
        is_colleagues = found.organisation_id == member.organisation_id
        with transaction.atomic():
            audit.record(
                event=Events.CERTIFICATE_OF_ANOTHER,
                by=SYSTEM,
                at=at,
                organisation_id=member.organisation_id,
                subject_id=member.id,
                certificate=str(found.id) if is_colleagues else "",
                address=visitor.address,
            )


STAGES: tuple[Stage, ...] = (PasswordStage(), SecondStage(), MailCodeStage())
"""The row of stages that ask, in order."""

SILENT: tuple[SilentStage, ...] = (CertificateStage(), AccessKeyStage())
"""What is looked at without asking, in order."""


def account_of(*, organisation_id: UUID | None, member_id: UUID | None) -> Account:
    """What the stages need to know about an account; an empty one for nobody, and for those who have left
    or whose ID was ended (003-6)."""
    if member_id is None or organisation_id is None:
        return Account(member=None)
    member = organisations.member(organisation_id=organisation_id, member_id=member_id)
    if not member.is_active or ids.is_stopped(member_id=member_id):
        return Account(member=None)
    kept = Password.objects.filter(member_id=member.id).first()
    organisation = organisations.organisation(organisation_id=organisation_id)
    return Account(
        member=member,
        organisation_code=organisation.code,
        password_hash=kept.hash if kept else None,
        password_set_at=kept.set_at if kept else None,
        demands=policy.of_roles(policy=organisation.sign_in_policy, roles=member.roles),
        second=factors.enrolled(member_id=member.id),
        wants_device_passkey=keys.wants_passkey(member_id=member.id),
    )
