"""The API of version 1, put together from its modules."""

from __future__ import annotations

from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from warifu.api.v1 import agent, applications, cards, door, folders, invitations, licences, people, review, rosters
from warifu.foundation.refusals import Refused

api = NinjaAPI(
    title="Warifu API",
    version="1",
    description=(
        "Rosters, invitations, people, verification states, applications and licences of one organisation. Send a "
        "token of the organisation as Authorization: Bearer. No My Number leaves through the API."
    ),
    auth=door.Bearer(),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api-v1",
)
api.add_router("", rosters.router)
api.add_router("", invitations.router)
api.add_router("", people.router)
api.add_router("", applications.router)
api.add_router("", review.router)
api.add_router("", licences.router)
api.add_router("", folders.router)
api.add_router("", agent.router)
api.add_router("", cards.router)
api.exception_handler(Refused)(door.on_refused)
api.exception_handler(ValidationError)(door.on_values_wrong)
api.exception_handler(HttpError)(door.on_http_error)
api.exception_handler(Exception)(door.on_fault)
