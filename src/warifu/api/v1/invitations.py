"""Invitations and reminders: letters that ask people to hand in."""

from __future__ import annotations

from ninja import Router

from warifu.api.v1.door import IDEMPOTENT, Call
from warifu.api.v1.schemas import ANSWERS, Chosen, Invited, Sent
from warifu.collection.actions import invitations, reminders

router = Router(tags=["invitations"])


@router.post("/invitations", response={200: Sent, **ANSWERS}, summary="Invite people", openapi_extra=IDEMPOTENT)
def send(request: Call, body: Invited) -> Sent:
    """Invite the people named, or everybody listed; nobody is invited twice. Needs the scope `invitations:write`."""
    entry_ids = None if body.people == "everybody" else body.people
    letters = invitations.send(
        organisation_id=request.organisation_id, entry_ids=entry_ids, by=request.actor, at=request.at
    )
    return Sent(letters=letters)


@router.post("/reminders", response={200: Sent, **ANSWERS}, summary="Remind people", openapi_extra=IDEMPOTENT)
def remind(request: Call, body: Chosen) -> Sent:
    """Remind the people named, each at most once a day. Needs the scope `invitations:write`."""
    letters = reminders.remind(
        organisation_id=request.organisation_id, entry_ids=body.people, by=request.actor, at=request.at
    )
    return Sent(letters=letters)


@router.post(
    "/reminders/overdue", response={200: Sent, **ANSWERS}, summary="Remind all overdue", openapi_extra=IDEMPOTENT
)
def remind_all_overdue(request: Call) -> Sent:
    """Remind everybody who is overdue, each at most once a day. Needs the scope `invitations:write`."""
    letters = reminders.remind_all_overdue(organisation_id=request.organisation_id, by=request.actor, at=request.at)
    return Sent(letters=letters)
