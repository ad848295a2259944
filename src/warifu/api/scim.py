"""SCIM 2.0 in: another system keeps an organisation's members up to date (RFC 7643, RFC 7644; 000-18).

One token of the scope `scim:write` opens it. Schemas and the reading of requests are scim2-models'; what is taken and
given is what `credentials.actions.provisioning` knows. Attributes that the house does not keep are dropped unread.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any, ClassVar, cast
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.urls import path, re_path
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt
from pydantic import Field, ValidationError
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    ComplexAttribute,
    Context,
    EnterpriseUser,
    Error,
    ETag,
    Extension,
    Filter,
    ListResponse,
    Meta,
    Patch,
    PatchOp,
    Required,
    Resource,
    ResourceType,
    ResponseParameters,
    Schema,
    SCIMException,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
    User,
)
from scim2_models import Role as ScimRole

from warifu.api.v1 import door
from warifu.api.v1.door import Call
from warifu.collection.actions import leaving
from warifu.credentials.actions import provisioning
from warifu.credentials.actions.provisioning import Particulars
from warifu.credentials.queries import provisioning as queries
from warifu.credentials.queries.provisioning import ProvisionedPerson
from warifu.foundation.actor import NO_ROLE, Role
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.organisations.rules import Permission, require

log = structlog.get_logger("warifu.scim")

MEDIA_TYPE = "application/scim+json"
MOST = 200
LARGEST = 256 * 1024
ENTERPRISE = str(EnterpriseUser.__schema__)
_FILTER = re.compile(r'\s*(userName|externalId|id)\s+eq\s+("(?:[^"\\]|\\.)*")\s*', re.IGNORECASE)
_FIELDS = {"username": "user_name", "externalid": "external_id", "id": "id"}
_CONFLICTS = {"WF-S862", "WF-O202", "WF-O203"}


class Unreadable(Refused):
    """The request is not what SCIM says it should be; the words after the code name the place, never a value."""

    code = "WF-S866"
    sentence = _("SCIMの要求を読み取れませんでした: {places}。")
    remedy = _("/scim/v2/Schemas にある項目の名前と型を確かめて、もう一度送ってください。")
    status = 400


class FilterUnknown(Refused):
    """A filter that this door does not know."""

    code = "WF-S867"
    sentence = _("この絞込みは使えません。")
    remedy = _("userName、externalId、id のいずれかを eq で比べる絞込みだけを送ってください。")
    status = 400


class WrongMethod(Refused):
    """The address exists, but not for this method."""

    code = "WF-S868"
    sentence = _("このアドレスでは、そのメソッドを使えません。")
    remedy = _("/scim/v2/ServiceProviderConfig で、できることを確かめてください。")
    status = 405


class KeptName(ComplexAttribute):
    """The components of the name that are kept."""

    family_name: Annotated[str | None, Required.true] = None
    """The family name (姓)."""

    given_name: str | None = None
    """The given name (名)."""


class KeptEmail(ComplexAttribute):
    """The one mail address that is kept."""

    value: str | None = None
    """The mail address."""

    primary: bool | None = None
    """Whether it is the one that letters go to; it always is."""


class KeptRole(ComplexAttribute):
    """A role: `employee`, or `staff` in an office; others are shown and never taken."""

    value: str | None = Field(None, examples=["employee"])
    """The name of the role."""


class KeptEmployment(Extension):
    """What is kept of the enterprise extension."""

    __schema__ = URN(ENTERPRISE)

    employee_number: str | None = None
    """The employee code (社員番号)."""

    department: str | None = None
    """The department (部署)."""


class Kept(Resource[KeptEmployment]):
    """The part of a User that this house keeps; what it says of itself under /Schemas."""

    __schema__ = URN(str(User.__schema__))

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    """The name under which the other system knows the person."""

    name: Annotated[KeptName | None, Required.true] = None
    """The name."""

    Name: ClassVar[type[ComplexAttribute]] = KeptName

    active: Annotated[bool | None, Required.true] = None
    """False once somebody has left; it never becomes true again."""

    emails: list[KeptEmail] | None = None
    """The mail address."""

    Emails: ClassVar[type[ComplexAttribute]] = KeptEmail

    roles: Annotated[list[KeptRole] | None, Required.true] = None
    """The roles."""

    Roles: ClassVar[type[ComplexAttribute]] = KeptRole


Person = User[EnterpriseUser]
"""A User as other systems send it."""


def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let a view in through the door of programs, with the scope `scim:write`; refusals in SCIM's form."""

    @csrf_exempt
    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        call = cast(Call, request)
        call.at = timezone.now()
        with translation.override(translation.get_language_from_request(call)):
            try:
                door.by_token(call)
                door.insist_without_nul(call)
                require(by=call.actor, permission=Permission.PROVISION, organisation_id=call.organisation_id)
                return view(call, *args, **kwargs)
            except Refused as refusal:
                return _refused(call, refusal)
            except SCIMException as fault:
                return _refused(call, Unreadable(places=type(fault).__name__), scim_type=fault.scim_type)
            except ValidationError as fault:
                return _refused(call, Unreadable(places=_places(fault)), scim_type="invalidValue")
            except (DatabaseError, RuntimeError, TypeError, KeyError, AttributeError):
                log.exception("fault")
                return _refused(call, door.Fault())

    return entered


@guarded
def provider_config(request: Call) -> HttpResponse:
    """What this door can do."""
    _insist(request, "GET")
    config = ServiceProviderConfig(
        documentation_uri=f"{settings.WARIFU.site_url}/help/",
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MOST),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="OAuth Bearer Token",
                description="A token of the organisation with the scope scim:write.",
                primary=True,
            )
        ],
        meta=Meta(resource_type="ServiceProviderConfig", location=f"{_base()}/ServiceProviderConfig"),
    )
    return _answer(config.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE))


@guarded
def resource_types(request: Call, name: str = "") -> HttpResponse:
    """The one kind of resource: User."""
    _insist(request, "GET")
    _insist_no_filter(request)
    found = ResourceType.from_resource(Kept)
    found.meta = Meta(resource_type="ResourceType", location=f"{_base()}/ResourceTypes/{found.id}")
    return _described(request, ResourceType, [found], name)


@guarded
def schemas(request: Call, name: str = "") -> HttpResponse:
    """The attributes that are kept."""
    _insist(request, "GET")
    _insist_no_filter(request)
    found = [Kept.to_schema(), KeptEmployment.to_schema()]
    for schema, words in zip(found, ("User", "EnterpriseUser"), strict=True):
        schema.name = words
        schema.meta = Meta(resource_type="Schema", location=f"{_base()}/Schemas/{schema.id}")
    return _described(request, Schema, found, name)


@guarded
def users(request: Call) -> HttpResponse:
    """List members, or add one."""
    _insist(request, "GET", "POST")
    if request.method == "POST":
        return _add(request)
    return _found(request, request.GET.dict())


@guarded
def search(request: Call) -> HttpResponse:
    """List members by a question in the body, so that no value stands in an address (RFC 7644 3.4.3)."""
    _insist(request, "POST")
    asked = _body(request)
    lists = ("attributes", "excludedAttributes")
    plain = {name: ",".join(map(str, value)) if name in lists else str(value) for name, value in asked.items()}
    return _found(request, plain)


def _found(request: Call, asked: dict[str, str]) -> HttpResponse:
    field, value = _wanted(asked.get("filter", ""))
    start = max(1, _whole(asked.get("startIndex", "1"), "startIndex"))
    count = min(MOST, max(0, _whole(asked.get("count", "100"), "count")))
    total, page = queries.people(
        organisation_id=request.organisation_id, field=field, value=value, offset=start - 1, limit=count
    )
    return _answer(
        {
            "schemas": [str(ListResponse.__schema__)],
            "totalResults": total,
            "startIndex": start,
            "itemsPerPage": len(page),
            "Resources": [_shown(asked, person) for person in page],
        }
    )


@guarded
def user(request: Call, user_id: str) -> HttpResponse:
    """Read, replace, change or remove one member."""
    _insist(request, "GET", "PUT", "PATCH", "DELETE")
    person = queries.person(organisation_id=request.organisation_id, member_id=_id(user_id))
    if request.method == "GET":
        if request.headers.get("If-None-Match") == _tag(person):
            return HttpResponse(status=304)
        return _one(request, person)
    if request.method == "DELETE":
        provisioning.remove(
            organisation_id=request.organisation_id,
            member_id=person.member_id,
            version=_seen(request),
            leaves=leaving.record,
            by=request.actor,
            at=request.at,
        )
        return HttpResponse(status=204)
    given = _body(request)
    if request.method == "PUT":
        wanted = Person.model_validate(_without_unknown(given), scim_ctx=Context.RESOURCE_REPLACEMENT_REQUEST)
    else:
        wanted = Person.model_validate(_document(person))
        patch = PatchOp[Person].model_validate(_usual(given), scim_ctx=Context.RESOURCE_PATCH_REQUEST)
        patch.patch(wanted)
    provisioning.change(
        organisation_id=request.organisation_id,
        member_id=person.member_id,
        person=_particulars(wanted, before=person),
        version=_seen(request),
        leaves=leaving.record,
        by=request.actor,
        at=request.at,
    )
    return _one(request, queries.person(organisation_id=request.organisation_id, member_id=person.member_id))


@guarded
def nowhere(request: Call) -> HttpResponse:
    """Addresses that lead nowhere."""
    raise NotFound


def _add(request: Call) -> HttpResponse:
    wanted = Person.model_validate(_without_unknown(_body(request)), scim_ctx=Context.RESOURCE_CREATION_REQUEST)
    member_id, is_new = provisioning.add(
        organisation_id=request.organisation_id,
        person=_particulars(wanted, before=None),
        leaves=leaving.record,
        by=request.actor,
        at=request.at,
    )
    person = queries.person(organisation_id=request.organisation_id, member_id=member_id)
    answer = _one(request, person, status=201 if is_new else 200)
    answer["Location"] = _address(person)
    return answer


def _particulars(given: Any, *, before: ProvisionedPerson | None) -> Particulars:
    """What is taken of a User. Roles that an administrator has given here stay, whether they are sent back or not."""
    if not (given.user_name or "").strip():
        raise Unreadable(places="userName")
    name, employment = given.name, given[EnterpriseUser]
    mails = [one for one in given.emails or () if one.value]
    first = next((one for one in mails if one.primary), mails[0] if mails else None)
    return Particulars(
        user_name=given.user_name,
        external_id=given.external_id or "",
        family_name=(name and name.family_name) or given.display_name or "",
        given_name=(name and name.given_name) or "",
        mail=str(first.value) if first else "",
        employee_code=(employment and employment.employee_number) or "",
        department=(employment and employment.department) or "",
        roles=_roles(given.roles, before),
        is_active=given.active is not False,
    )


def _roles(given: list[ScimRole] | None, before: ProvisionedPerson | None) -> Role | None:
    if given is None:
        return None
    wanted = NO_ROLE
    for one in given:
        found = Role.__members__.get((one.value or "").strip().upper())
        if found is None:
            raise provisioning.RoleNotGiven
        if before is None or found not in before.roles or found in provisioning.GIVEN:
            wanted |= found
    return wanted or None


def _document(person: ProvisionedPerson) -> dict[str, Any]:
    """A member as a User; attributes without a value are left out."""
    name = {"familyName": person.family_name, "givenName": person.given_name}
    employment = {"employeeNumber": person.employee_code, "department": person.department}
    document: dict[str, Any] = {
        "schemas": [str(User.__schema__), ENTERPRISE],
        "id": str(person.member_id),
        "externalId": person.external_id,
        "userName": person.user_name,
        "name": {key: value for key, value in name.items() if value},
        "active": person.is_active,
        "emails": [{"value": person.mail, "primary": True}] if person.mail else None,
        "roles": [{"value": str(role.name).lower()} for role in Role if role in person.roles],
        ENTERPRISE: {key: value for key, value in employment.items() if value},
        "meta": {
            "resourceType": "User",
            "created": person.created_at.isoformat(),
            "lastModified": person.changed_at.isoformat(),
            "location": _address(person),
            "version": _tag(person),
        },
    }
    return {key: value for key, value in document.items() if value not in ("", None, {}, [])}


def _shown(query: Mapping[str, str], person: ProvisionedPerson) -> dict[str, Any]:
    """A member with the attributes that were asked for."""
    asked = {name: query[name] for name in ("attributes", "excludedAttributes") if query.get(name)}
    return Kept.model_validate(_document(person)).model_dump(
        scim_ctx=Context.RESOURCE_QUERY_RESPONSE,
        response_parameters=ResponseParameters[Kept].model_validate(asked) if asked else None,
    )


def _one(request: HttpRequest, person: ProvisionedPerson, *, status: int = 200) -> HttpResponse:
    answer = _answer(_shown(request.GET, person), status=status)
    answer["ETag"] = _tag(person)
    return answer


def _described(request: Call, kind: type[Any], found: list[Any], name: str) -> HttpResponse:
    documents = [one.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE) for one in found]
    if name:
        one = next((document for document in documents if document["id"] == name), None)
        if one is None:
            raise NotFound
        return _answer(one)
    return _answer(
        {
            "schemas": [str(ListResponse.__schema__)],
            "totalResults": len(documents),
            "startIndex": 1,
            "itemsPerPage": len(documents),
            "Resources": documents,
        }
    )


def _body(request: Call) -> dict[str, Any]:
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST:
        raise door.TooLarge
    try:
        given = json.loads(request.body)
    except (ValueError, RecursionError):
        raise Unreadable(places="JSON") from None
    if not isinstance(given, dict):
        raise Unreadable(places="JSON")
    given = {name: value for name, value in given.items() if name.lower() != "phonenumbers"}
    provisioning.insist_no_number(texts=list(_texts(given)))
    return given


def _texts(value: Any) -> list[str]:
    """Every text and every whole number somewhere in a document, names included."""
    if isinstance(value, dict):
        return [text for name, inner in value.items() for text in (name, *_texts(inner))]
    if isinstance(value, list):
        return [text for inner in value for text in _texts(inner)]
    return [] if value is None or isinstance(value, bool) else [str(value)]


def _without_unknown(given: dict[str, Any]) -> dict[str, Any]:
    """Without extensions of others, and without what a client only echoes."""
    known = {ENTERPRISE.lower()}
    kept = {
        name: value
        for name, value in given.items()
        if (not name.lower().startswith("urn:") or name.lower() in known)
        and name.lower() not in ("id", "meta", "groups")
    }
    if isinstance(kept.get("schemas"), list):
        kept["schemas"] = [one for one in kept["schemas"] if str(one).lower() in {*known, str(User.__schema__).lower()}]
    kept["active"] = _switch(kept.get("active", True))
    return kept


def _switch(value: Any) -> Any:
    """True or false, which some systems write as a text."""
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, str) else value


def _usual(given: dict[str, Any]) -> dict[str, Any]:
    """A patch in its usual spelling: some systems write `Replace` and `"False"`."""
    operations = given.get("Operations")
    if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
        raise Unreadable(places="Operations")
    usual = []
    for one in operations:
        operation = {**one, "op": str(one.get("op", "")).lower()}
        if str(one.get("path", "")).lower() == "active":
            operation["value"] = _switch(one.get("value"))
        elif isinstance(one.get("value"), dict) and "active" in one["value"]:
            operation["value"] = {**one["value"], "active": _switch(one["value"]["active"])}
        usual.append(operation)
    return {**given, "Operations": usual}


def _wanted(text: str) -> tuple[str, str]:
    if not text:
        return "", ""
    found = _FILTER.fullmatch(text)
    if found is None:
        raise FilterUnknown
    try:
        return _FIELDS[found[1].lower()], str(json.loads(found[2]))
    except ValueError:
        raise FilterUnknown from None


def _whole(text: str, name: str) -> int:
    if not re.fullmatch(r"-?\d{1,9}", text):
        raise Unreadable(places=name)
    return int(text)


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def _seen(request: Call) -> int | None:
    """The version that the other system has seen, from If-Match."""
    given = request.headers.get("If-Match", "").strip()
    if given in ("", "*"):
        return None
    found = re.fullmatch(r'W/"(\d{1,9})"', given)
    if found is None:
        raise provisioning.VersionOther
    return int(found[1])


def _insist(request: Call, *methods: str) -> None:
    if request.method not in methods:
        raise WrongMethod


def _insist_no_filter(request: Call) -> None:
    """Descriptions cannot be filtered (RFC 7644 4)."""
    if "filter" in request.GET:
        raise _FilterForbidden


class _FilterForbidden(FilterUnknown):
    code = ""
    status = 403


def _tag(person: ProvisionedPerson) -> str:
    return f'W/"{person.version}"'


def _base() -> str:
    return f"{settings.WARIFU.site_url}/scim/v2"


def _address(person: ProvisionedPerson) -> str:
    return f"{_base()}/Users/{person.member_id}"


def _places(fault: ValidationError) -> str:
    """The places of wrong values by name; what the request itself made up is not repeated."""
    places = {".".join(str(part) for part in error["loc"]) for error in fault.errors()}
    known = sorted(place if re.fullmatch(r"[A-Za-z_.0-9-]{1,60}", place) else "…" for place in places)
    return "、".join(known) or "…"


def _answer(document: Any, *, status: int = 200) -> HttpResponse:
    body = json.dumps(document, ensure_ascii=False, default=str)
    return HttpResponse(body, status=status, content_type=f"{MEDIA_TYPE}; charset=utf-8")


def _refused(request: Call, refusal: Refused, *, scim_type: str | None = None) -> HttpResponse:
    """A refusal in SCIM's form; our code stands in front of the words."""
    kinds = {"WF-S867": "invalidFilter", "WF-S866": "invalidSyntax", "WF-S864": "mutability", "WF-S860": "invalidValue"}
    told = scim_type or kinds.get(refusal.code) or ("uniqueness" if refusal.code in _CONFLICTS else None)
    words = f"{gettext(refusal.sentence)}{gettext(refusal.remedy)}".format(**refusal.values)
    error = Error(status=refusal.status, scim_type=told, detail=f"{refusal.code} {words}".strip())
    answer = _answer(error.model_dump(), status=refusal.status)
    if refusal.status == 401:
        answer["WWW-Authenticate"] = "Bearer"
    if isinstance(refusal, door.TooMany):
        answer["Retry-After"] = str(60 * int(refusal.values.get("minutes", 1)))
    return answer


app_name = "scim"

urlpatterns = [
    path("ServiceProviderConfig", provider_config, name="provider_config"),
    path("ResourceTypes", resource_types, name="resource_types"),
    path("ResourceTypes/<str:name>", resource_types, name="resource_type"),
    path("Schemas", schemas, name="schemas"),
    path("Schemas/<str:name>", schemas, name="schema"),
    path("Users", users, name="users"),
    path("Users/.search", search, name="search"),
    path(".search", search, name="search_all"),
    path("Users/<str:user_id>", user, name="user"),
    re_path(r"^.*$", nowhere, name="nowhere"),
]
