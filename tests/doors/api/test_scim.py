"""SCIM 2.0: another system adds, changes and takes away members, and gets no power by it (000-18, P-07)."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.cast import MORNING, Cast, test_number
from tests.doors.api.conftest import Program
from tests.doors.conftest import signed_in_client
from warifu.audit import queries as audit
from warifu.credentials.actions import activation
from warifu.credentials.models import Activation, ProvisionedMember, Session
from warifu.foundation.actor import Role
from warifu.organisations import actions as organisations
from warifu.organisations import queries
from warifu.organisations.models import Member, Organisation

pytestmark = pytest.mark.django_db
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """The morning of the cast."""
    now: Callable[[], datetime] = lambda: MORNING  # noqa: E731
    monkeypatch.setattr(timezone, "now", now)


@dataclass
class Directory:
    """Another system with its token."""

    client: Client
    token: str

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Call an address."""
        return self.client.generic(
            method,
            f"/scim/v2{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/scim+json",
            headers={"Authorization": f"Bearer {self.token}"} | headers,
        )

    def add(self, **other: Any) -> Any:
        """POST a user."""
        return self.send("POST", "/Users", person(**other))

    def patch(self, address: str, *operations: dict[str, Any], **headers: str) -> Any:
        """PATCH a user."""
        return self.send("PATCH", f"/Users/{address}", {"schemas": [PATCH], "Operations": list(operations)}, **headers)


def person(**other: Any) -> dict[str, Any]:
    """A user as a directory sends it."""
    return {
        "schemas": [USER, ENTERPRISE],
        "userName": "Yamada@directory.example",
        "externalId": "ext-1",
        "name": {"familyName": "山田", "givenName": "花子"},
        "emails": [{"value": "yamada@example.jp", "type": "work", "primary": True}],
        "displayName": "山田 花子",
        "active": True,
        ENTERPRISE: {"employeeNumber": "y100", "department": "経理課"},
    } | other


@pytest.fixture
def directory(program: Callable[..., Program]) -> Directory:
    """Aoba's directory."""
    return Directory(Client(raise_request_exception=False), program("scim:write").token)


def member(cast: Cast, address: str) -> Member:
    return Member.objects.get(organisation_id=cast.aoba, id=address)


class TestAdding:
    @pytest.mark.shows("000-18")
    def test_makes_an_employee(self, cast: Cast, directory: Directory) -> None:
        answer = directory.add()
        assert answer.status_code == 201, answer.content.decode()
        assert answer["Content-Type"].startswith("application/scim+json")
        body = answer.json()
        row = member(cast, body["id"])
        assert (row.family_name, row.given_name, row.mail) == ("山田", "花子", "yamada@example.jp")
        assert (row.employee_code, row.department, row.roles) == ("y100", "経理課", int(Role.EMPLOYEE))
        assert body["meta"]["version"] == answer["ETag"] == 'W/"1"'
        assert answer["Location"].endswith(f"/scim/v2/Users/{body['id']}")
        assert body["userName"] == "yamada@directory.example"
        assert body["roles"] == [{"value": "employee"}]
        assert "displayName" not in body
        lines = audit.timeline(organisation_id=cast.aoba, event_prefix="organisations.member.added")
        assert lines[0].actor == "給与システム"

    def test_again_with_the_same_ids_changes_nothing(self, cast: Cast, directory: Directory) -> None:
        first = directory.add().json()["id"]
        answer = directory.add(name={"familyName": "別人"})
        assert answer.status_code == 200
        assert answer.json()["id"] == first
        assert member(cast, first).family_name == "山田"

    @pytest.mark.parametrize("same", ["userName", "externalId", "employeeNumber", "mail"])
    def test_a_taken_value_is_a_conflict(self, same: str, cast: Cast, directory: Directory) -> None:
        directory.add()
        other = {
            "userName": "other",
            "externalId": "ext-2",
            "emails": [{"value": "other@example.jp"}],
            ENTERPRISE: {"employeeNumber": "y101"},
        }
        name = {"employeeNumber": ENTERPRISE, "mail": "emails"}.get(same, same)
        other[name] = person()[name]
        before = Member.objects.count()
        answer = directory.add(**other)
        assert answer.status_code == 409
        assert answer.json()["scimType"] == "uniqueness"
        assert answer.json()["detail"].startswith("WF-")
        assert Member.objects.count() == before

    def test_takes_over_who_is_there_already(self, cast: Cast, directory: Directory) -> None:
        answer = directory.add(
            name={"familyName": "井上", "givenName": "郁美"},
            emails=[{"value": "i002@example.jp"}],
            **{ENTERPRISE: {"employeeNumber": "i002", "department": "人事課"}},
        )
        assert answer.status_code == 201
        assert answer.json()["id"] == str(cast.inoue.id)
        row = member(cast, answer.json()["id"])
        assert (row.given_name, row.department) == ("郁美", "人事課")
        assert row.family_kana == "イノウエ"
        assert row.born_on is not None

    @pytest.mark.shows("S-09")
    @pytest.mark.parametrize(
        "role", ["administrator", "handler", "responsible", "head", "staff", "nonsense", "NO_ROLE"]
    )
    def test_gives_no_role_of_power(self, role: str, cast: Cast, directory: Directory) -> None:
        before = Member.objects.count()
        answer = directory.add(roles=[{"value": role}, {"value": "employee"}])
        assert answer.status_code == 403
        assert answer.json()["detail"].startswith("WF-S861")
        assert Member.objects.count() == before

    def test_staff_is_for_offices(self, cast: Cast, directory: Directory) -> None:
        Organisation.objects.filter(id=cast.aoba).update(is_office=True)
        answer = directory.add(roles=[{"value": "staff"}])
        assert member(cast, answer.json()["id"]).roles == int(Role.STAFF)

    @pytest.mark.shows("N-06", "P-07")
    @pytest.mark.parametrize("shape", ["{}", "no. {} .", "{0[0]} {0[1]} {0[2]}"])
    @pytest.mark.parametrize(
        "place", ["userName", "externalId", "title", "name", "emails", "extension", "unknown", "patch", "number"]
    )
    def test_takes_no_number_anywhere(self, place: str, shape: str, cast: Cast, directory: Directory) -> None:
        number = test_number("12345678901")
        parts = (number[:4], number[4:8], number[8:])
        text: Any = shape.format(parts) if "[" in shape else shape.format(number)
        bodies: dict[str, dict[str, Any]] = {
            "name": {"name": {"familyName": text}},
            "emails": {"emails": [{"value": f"a{text}@example.jp" if shape == "no. {} ." else text}]},
            "extension": {ENTERPRISE: {"employeeNumber": text}},
            "unknown": {"urn:example:x": {"deep": [{"my": text}]}},
            "number": {"title": int(number)},
        }
        if place == "patch":
            known = directory.add().json()["id"]
            answer = directory.patch(known, {"op": "replace", "path": "name.familyName", "value": text})
        else:
            answer = directory.add(**bodies.get(place, {place: text}))
        assert answer.status_code == 400
        assert answer.json()["detail"].startswith("WF-S860")
        assert number not in answer.content.decode()
        assert not Member.objects.filter(search_text__contains=number).exists()

    @pytest.mark.parametrize(
        "body",
        [
            None,
            [],
            "x",
            {},
            {"schemas": [USER]},
            {"schemas": [USER], "userName": 7},
            {"schemas": [USER], "userName": "a", "emails": "x"},
            {"schemas": [USER], "userName": "a", "active": "perhaps so"},
            {"schemas": [USER], "userName": "a", "noSuchThing": 1},
            {"schemas": [USER], "userName": " "},
        ],
        ids=str,
    )
    def test_a_wrong_body_is_named_and_makes_nobody(self, body: Any, cast: Cast, directory: Directory) -> None:
        before = Member.objects.count()
        answer = directory.send("POST", "/Users", body)
        assert answer.status_code == 400, answer.content.decode()
        assert answer.json()["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:Error"]
        assert answer.json()["status"] == "400"
        assert Member.objects.count() == before


class TestReading:
    def test_finds_by_name_and_by_external_id_and_pages(self, cast: Cast, directory: Directory) -> None:
        ids = [
            directory.add(
                userName=f"u{n}",
                externalId=f"e{n}",
                emails=[{"value": f"u{n}@example.jp"}],
                **{ENTERPRISE: {"employeeNumber": f"u{n}"}},
            ).json()["id"]
            for n in range(5)
        ]
        found = directory.client.get(
            "/scim/v2/Users", {"filter": 'userName eq "U3"'}, headers={"Authorization": f"Bearer {directory.token}"}
        ).json()
        assert [one["id"] for one in found["Resources"]] == [ids[3]]
        assert self.ids(directory, 'externalId%20eq%20"e1"') == [ids[1]]
        assert self.ids(directory, 'externalId%20eq%20"E1"') == []
        assert self.ids(directory, f'id%20eq%20"{ids[2]}"') == [ids[2]]
        page = directory.send("GET", "/Users?startIndex=2&count=2").json()
        assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (5, 2, 2)
        assert [one["id"] for one in page["Resources"]] == sorted(ids)[1:3]
        assert directory.send("GET", "/Users?count=0").json()["totalResults"] == 5

    def ids(self, directory: Directory, wanted: str) -> list[str]:
        return [one["id"] for one in directory.send("GET", f"/Users?filter={wanted}").json()["Resources"]]

    @pytest.mark.parametrize("wanted", ["title pr", 'userName sw "a"', 'userName eq "a" or id eq "b"', "x", "'--"])
    def test_knows_no_other_filter(self, wanted: str, cast: Cast, directory: Directory) -> None:
        answer = directory.client.get(
            "/scim/v2/Users", {"filter": wanted}, headers={"Authorization": f"Bearer {directory.token}"}
        )
        assert answer.status_code == 400
        assert answer.json()["scimType"] == "invalidFilter"

    def test_shows_what_is_asked_for(self, cast: Cast, directory: Directory) -> None:
        known = directory.add().json()["id"]
        assert set(directory.send("GET", f"/Users/{known}?attributes=userName").json()) == {"schemas", "id", "userName"}
        assert "emails" not in directory.send("GET", f"/Users/{known}?excludedAttributes=emails").json()

    @pytest.mark.shows("P-07")
    def test_sees_nobody_of_another_organisation_nor_those_it_never_brought(
        self, cast: Cast, directory: Directory, program: Callable[..., Program]
    ) -> None:
        known = directory.add().json()["id"]
        other = Directory(directory.client, program("scim:write", of="ueda").token)
        for method in ("GET", "DELETE"):
            assert other.send(method, f"/Users/{known}").status_code == 404
        assert other.send("PUT", f"/Users/{known}", person()).status_code == 404
        assert other.send("GET", "/Users").json()["totalResults"] == 0
        assert directory.send("GET", f"/Users/{cast.eto.id}").status_code == 404
        assert member(cast, known).state == "active"

    def test_an_unchanged_person_is_not_sent_again(self, cast: Cast, directory: Directory) -> None:
        answer = directory.add()
        again = directory.send("GET", f"/Users/{answer.json()['id']}", **{"If-None-Match": answer["ETag"]})
        assert again.status_code == 304


class TestChanging:
    def test_replaces_and_counts_versions(self, cast: Cast, directory: Directory) -> None:
        known = directory.add().json()["id"]
        changed = person(name={"familyName": "川田", "givenName": "花子"}, **{ENTERPRISE: {"employeeNumber": "y100"}})
        answer = directory.send("PUT", f"/Users/{known}", changed | {"id": known})
        assert answer.status_code == 200, answer.content.decode()
        assert answer["ETag"] == 'W/"2"'
        assert member(cast, known).family_name == "川田"
        assert member(cast, known).department == ""
        assert "川田" in member(cast, known).search_text
        assert directory.send("PUT", f"/Users/{known}", changed)["ETag"] == 'W/"2"'

    @pytest.mark.parametrize(
        "operation",
        [
            {"op": "replace", "path": "name.familyName", "value": "川田"},
            {"op": "Replace", "path": "name.familyName", "value": "川田"},
            {"op": "add", "value": {"name": {"familyName": "川田"}}},
        ],
        ids=str,
    )
    def test_patches(self, operation: dict[str, Any], cast: Cast, directory: Directory) -> None:
        known = directory.add().json()["id"]
        answer = directory.patch(known, operation)
        assert answer.status_code == 200, answer.content.decode()
        assert member(cast, known).family_name == "川田"
        assert member(cast, known).mail == "yamada@example.jp"

    def test_changes_only_what_it_has_seen(self, cast: Cast, directory: Directory) -> None:
        known = directory.add().json()["id"]
        change = {"op": "replace", "path": "name.familyName", "value": "川田"}
        assert directory.patch(known, change, **{"If-Match": 'W/"9"'}).status_code == 412
        assert member(cast, known).family_name == "山田"
        assert directory.patch(known, change, **{"If-Match": 'W/"1"'}).status_code == 200

    @pytest.mark.shows("L-12", "S-09")
    def test_cannot_redirect_the_mail_of_office_people(self, cast: Cast, directory: Directory) -> None:
        known = directory.add(
            emails=[{"value": "e003@example.jp"}],
            name={"familyName": "江藤", "givenName": "栄"},
            **{ENTERPRISE: {"employeeNumber": "e003"}},
        ).json()["id"]
        answer = directory.patch(known, {"op": "replace", "path": "emails", "value": [{"value": "evil@example.jp"}]})
        assert answer.status_code == 403
        assert answer.json()["detail"].startswith("WF-S865")
        assert member(cast, known).mail == "e003@example.jp"
        assert member(cast, known).roles == int(Role.EMPLOYEE | Role.HANDLER)

    @pytest.mark.shows("S-09")
    def test_keeps_the_roles_that_an_administrator_gave(self, cast: Cast, directory: Directory) -> None:
        known = directory.add().json()["id"]
        organisations.change_roles(
            organisation_id=cast.aoba,
            member_id=member(cast, known).id,
            roles=Role.EMPLOYEE | Role.RECEIVER,
            by=cast.aoki,
            at=MORNING,
        )
        sent = directory.send("GET", f"/Users/{known}").json()
        assert directory.send("PUT", f"/Users/{known}", sent).status_code == 200
        assert directory.send("PUT", f"/Users/{known}", person(roles=[{"value": "employee"}])).status_code == 200
        assert directory.send("PUT", f"/Users/{known}", person(roles=[{"value": "handler"}])).status_code == 403
        assert member(cast, known).roles == int(Role.EMPLOYEE | Role.RECEIVER)

    @pytest.mark.shows("L-12")
    def test_a_new_mail_address_ends_links_and_tells_the_old_one(self, cast: Cast, directory: Directory) -> None:
        known = directory.add().json()["id"]
        activation.send(organisation_id=cast.aoba, member_id=member(cast, known).id, by=cast.aoki, at=MORNING)
        directory.patch(known, {"op": "replace", "path": "emails", "value": [{"value": "new@example.jp"}]})
        assert member(cast, known).mail == "new@example.jp"
        assert not Activation.objects.filter(member_id=known, replaced_at=None).exists()


class TestLeaving:
    @pytest.mark.shows("R-10", "L-24")
    @pytest.mark.parametrize("value", [False, "False"])
    def test_inactive_means_left_with_sessions_and_links(self, value: Any, cast: Cast, directory: Directory) -> None:
        known = directory.add().json()["id"]
        found = queries.member(organisation_id=cast.aoba, member_id=member(cast, known).id)
        signed_in_client(queries.actor_of(member=found), at=MORNING)
        answer = directory.patch(known, {"op": "replace", "path": "active", "value": value})
        assert answer.json()["active"] is False
        assert member(cast, known).state == "left"
        assert not Session.objects.filter(member_id=known, ended_at=None).exists()
        again = directory.patch(known, {"op": "replace", "path": "active", "value": True})
        assert again.status_code == 400
        assert again.json()["detail"].startswith("WF-S864")
        assert member(cast, known).state == "left"

    @pytest.mark.shows("R-10")
    def test_deleting_forgets_the_registration_and_keeps_the_record(self, cast: Cast, directory: Directory) -> None:
        known = directory.add().json()["id"]
        assert directory.send("DELETE", f"/Users/{known}").status_code == 204
        assert member(cast, known).state == "left"
        assert directory.send("GET", f"/Users/{known}").status_code == 404
        assert directory.send("DELETE", f"/Users/{known}").status_code == 404
        assert directory.send("GET", "/Users").json()["totalResults"] == 0
        assert ProvisionedMember.objects.get().removed_at == MORNING

    def test_never_takes_the_last_administrator(self, cast: Cast, directory: Directory) -> None:
        known = directory.add(emails=[{"value": "a001@example.jp"}], **{ENTERPRISE: {"employeeNumber": "a001"}}).json()[
            "id"
        ]
        assert known == str(cast.aoki.id)
        assert directory.send("DELETE", f"/Users/{known}").status_code == 409
        assert member(cast, known).state == "active"


ADDRESSES = ("/Users", "/Users/x", "/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/nowhere")


class TestDoor:
    @pytest.mark.shows("V-01")
    @pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
    @pytest.mark.parametrize("address", ADDRESSES)
    def test_opens_to_a_token_with_the_scope_only(
        self, address: str, method: str, cast: Cast, program: Callable[..., Program]
    ) -> None:
        before = Member.objects.count(), ProvisionedMember.objects.count()
        others = program("people:read", "rosters:write", "invitations:write").token
        for token, client, status in (
            ("", Client(), 401),
            ("wft_guessed", Client(), 401),
            ("", signed_in_client(cast.aoki, at=MORNING), 401),
            (others, Client(), 403),
        ):
            answer = Directory(client, token).send(method, address, person() if method != "GET" else None)
            assert answer.status_code == status
            assert answer.json()["detail"].startswith("WF-")
        assert (Member.objects.count(), ProvisionedMember.objects.count()) == before

    def test_a_token_of_scim_opens_nothing_else(self, cast: Cast, program: Callable[..., Program]) -> None:
        for path in ("/people", "/verifications"):
            assert program("scim:write").get(path).status_code == 403

    def test_describes_itself(self, directory: Directory) -> None:
        config = directory.send("GET", "/ServiceProviderConfig").json()
        assert config["patch"]["supported"] is True
        assert config["bulk"]["supported"] is False
        (kind,) = directory.send("GET", "/ResourceTypes").json()["Resources"]
        assert kind["endpoint"] == "/Users"
        assert directory.send("GET", "/ResourceTypes/User").json()["id"] == "User"
        found = directory.send("GET", "/Schemas").json()["Resources"]
        assert [one["id"] for one in found] == [USER, ENTERPRISE]
        assert directory.send("GET", f"/Schemas/{USER}").json()["id"] == USER
        assert directory.send("GET", "/Schemas/other").status_code == 404
        assert directory.send("DELETE", "/Schemas").status_code == 405
        assert directory.send("GET", "/Schemas?filter=x").status_code == 403
