"""Kaneko, head of an office in Aoba, with a password, a phone and recovery codes; for tests of the way back in."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from tests.cast import MORNING, Cast
from warifu.credentials.actions import activation, recovery, reset_phones
from warifu.credentials.actions.stages import Visitor
from warifu.foundation.actor import SYSTEM, Actor, Role
from warifu.notices import links
from warifu.notices.actions import text_messages
from warifu.notices.models import PhoneMessage
from warifu.organisations import actions as organisations
from warifu.organisations import queries

PASSWORD = "やまのうえ ふるいはし あおいとり"
NEXT = "みずうみのほとり しろいかもめ なつのひ"
MAIL = "k006@example.jp"
PHONE = "+819012345678"
HERE = Visitor(browser="b", address="192.0.2.1")


def hire(
    organisation_id: UUID, roles: Role, family: str, code: str, *, mail: str | None = None, at: datetime = MORNING
) -> Actor:
    """A further member, signed in with two factors."""
    member_id = organisations.add_member(
        organisation_id=organisation_id,
        roles=roles,
        family_name=family,
        mail=f"{code}@example.jp" if mail is None else mail,
        employee_code=code,
        by=SYSTEM,
        at=at,
    )
    member = queries.member(organisation_id=organisation_id, member_id=member_id)
    return queries.actor_of(member=member, level=2, authenticated_at=at)


def set_password(actor: Actor, text: str = PASSWORD, at: datetime = MORNING) -> None:
    """Let somebody choose a password by a link."""
    assert actor.organisation_id is not None
    assert actor.id is not None
    link = activation.issue(
        organisation_id=actor.organisation_id, member_id=actor.id, purpose="reset", by=SYSTEM, at=at
    )
    token = links.resolve(link).rstrip("/").rsplit("/", 1)[-1]
    activation.use(token=token, password=text, at=at, browser="b", address="192.0.2.1")


def head(cast: Cast) -> Actor:
    """Kaneko, who has a password."""
    kaneko = hire(cast.aoba, Role.HEAD | Role.EMPLOYEE, "金子", "k006")
    set_password(kaneko)
    return kaneko


def register_phone(actor: Actor, *, phone: str = "090-1234-5678", at: datetime = MORNING) -> None:
    """Let a head register a number with the code that arrives."""
    assert actor.organisation_id is not None
    reset_phones.register(organisation_id=actor.organisation_id, phone=phone, by=actor, at=at)
    text_messages.deliver_due(at=at)
    reset_phones.confirm(organisation_id=actor.organisation_id, typed=newest_code(), by=actor, at=at)


def newest_code() -> str:
    """The six digits that came to the practice phone last."""
    text = PhoneMessage.objects.latest("id").text
    return text.split("確認コード ")[1][:6]


def recovery_code(actor: Actor) -> str:
    """One of ten fresh recovery codes."""
    assert actor.organisation_id is not None
    codes = recovery.make(organisation_id=actor.organisation_id, by=actor, at=MORNING - timedelta(days=1))
    return codes[0]
