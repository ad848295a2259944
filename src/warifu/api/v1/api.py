"""The API of version 1, put together from its modules."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from warifu.api.v1 import door, invitations, people, reference, rosters
from warifu.foundation.refusals import Refused

api = NinjaAPI(
    title="Warifu API",
    version="1",
    description=(
        "Rosters, invitations, people and verification states of one organisation. Send a token of the organisation as "
        "Authorization: Bearer. No My Number leaves through the API."
    ),
    auth=door.Bearer(),
    docs_url=None,
    openapi_url=None,
    urls_namespace="api-v1",
)
api.add_router("", rosters.router)
api.add_router("", invitations.router)
api.add_router("", people.router)
api.exception_handler(Refused)(door.on_refused)
api.exception_handler(ValidationError)(door.on_values_wrong)
api.exception_handler(HttpError)(door.on_http_error)
api.exception_handler(Exception)(door.on_fault)


def addresses() -> list[URLPattern]:
    """Every operation behind the door, the description in front of it, and an answer for all other addresses."""
    operations = [found for found in api.urls[0] if isinstance(found, URLPattern) and found.name != "api-root"]
    for found in operations:
        found.callback = door.guarded(found.callback)
    return [
        path("openapi.json", reference.openapi, name="openapi"),
        path("docs", reference.page, name="docs"),
        *operations,
        re_path(r"^(?P<path>.*)$", door.nowhere, name="nowhere"),
    ]
