"""Signing in by an organisation's identity provider: what is believed and what is not (L-26, V-03)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings
from django.core.cache import cache

from tests.cast import MORNING, Cast
from tests.rooms.credentials.fake_provider import (
    FakeProvider,
    fake_provider,
    signed_by_somebody_else,
    signed_with_the_public_key,
    unsigned,
)
from warifu.audit import queries as audit
from warifu.credentials import federation
from warifu.credentials.actions import departures, external, identity_providers, sessions, signin
from warifu.credentials.actions.external import Back, Here, Leaving
from warifu.credentials.actions.stages import Visitor
from warifu.credentials.federation import HostRefused, NotBelieved, ProviderSilent, ProviderStrange
from warifu.credentials.models import ExternalIdentity, ExternalSignIn, IdentityProvider, Session, SignIn
from warifu.credentials.queries import identity_providers as queries
from warifu.credentials.queries.sessions import living_session
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound
from warifu.notices import queries as letters
from warifu.organisations.rules import LevelTooLow, NotPermitted

pytestmark = pytest.mark.django_db
HERE = Visitor(browser="b", address="192.0.2.1")
LATER = MORNING + timedelta(minutes=2)


@pytest.fixture
def provider() -> Iterator[FakeProvider]:
    """A provider that answers on this machine, at `LATER`."""
    cache.clear()
    with fake_provider() as running:
        running.at = LATER
        yield running
    cache.clear()


@pytest.fixture
def provider_id(cast: Cast, provider: FakeProvider) -> UUID:
    """The provider, registered by Aoba."""
    return register(cast, provider)


def register(cast: Cast, provider: FakeProvider, *, strong: tuple[str, ...] = ("mfa",), **other: Any) -> UUID:
    return identity_providers.add(
        **{
            "organisation_id": cast.aoba,
            "name": "青葉グループのID",
            "issuer": provider.issuer,
            "client_id": provider.client_id,
            "secret": provider.secret,
            "level_two_acr": strong,
            "by": cast.aoki,
            "at": MORNING,
            **other,
        }
    )


def bound(cast: Cast, provider: FakeProvider, provider_id: UUID) -> None:
    assert cast.inoue.id is not None
    identity_providers.bind_for(
        organisation_id=cast.aoba,
        provider_id=provider_id,
        member_id=cast.inoue.id,
        subject=provider.subject,
        by=cast.aoki,
        at=MORNING,
    )


def leave(provider_id: UUID, provider: FakeProvider, **other: Any) -> Leaving:
    wanted = {"provider_id": provider_id, "purpose": "sign_in", "back": "/my/", "visitor": HERE, "at": MORNING}
    leaving = external.start(**{**wanted, **other})
    provider.visit(leaving.address)
    return leaving


def come_back(provider_id: UUID, leaving: Leaving, **other: Any) -> Back:
    answer = {"state": leaving.state, "code": "the-code"} | other.pop("answer", {})
    wanted: dict[str, Any] = {
        "provider_id": provider_id,
        "answer": answer,
        "kept_state": leaving.state,
        "here": None,
        "visitor": HERE,
        "at": LATER,
    }
    return external.finish(**{**wanted, **other})


def signed_in_as(actor: Actor) -> Here:
    assert actor.id is not None
    token = sessions.start(member_id=actor.id, level=2, browser="b", address="192.0.2.1", at=MORNING)
    found = living_session(token=token, at=MORNING)
    assert found
    return Here(session_id=found.id, actor=found.actor)


class TestAdding:
    @pytest.mark.shows("V-03", "000-18")
    def test_keeps_the_secret_sealed_and_tells_the_trail(
        self, cast: Cast, provider: FakeProvider, provider_id: UUID
    ) -> None:
        row = IdentityProvider.objects.get(id=provider_id)
        assert provider.secret.encode() not in bytes(row.sealed_secret)
        assert identity_providers.secret_of(provider=row) == provider.secret
        (line,) = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.identity_provider")
        assert provider.secret not in str(line)

    def test_wants_exactly_the_issuer_that_the_provider_says(self, cast: Cast, provider: FakeProvider) -> None:
        for changed in (f"{provider.issuer}/", provider.issuer.replace("localhost", "127.0.0.1")):
            with pytest.raises(ProviderStrange):
                register(cast, provider, issuer=changed)
        assert not IdentityProvider.objects.exists()

    def test_is_not_done_twice(self, cast: Cast, provider: FakeProvider, provider_id: UUID) -> None:
        with pytest.raises(identity_providers.ProviderThere):
            register(cast, provider)

    @pytest.mark.parametrize("who", ["inoue", "eto", "ueno"])
    def test_is_for_administrators_of_the_organisation(self, who: str, cast: Cast, provider: FakeProvider) -> None:
        with pytest.raises(NotPermitted):
            register(cast, provider, by=getattr(cast, who))
        assert provider.calls == []

    @pytest.mark.parametrize(
        "issuer",
        [
            "http://provider.example",
            "ftp://localhost",
            "https://user@provider.example",
            "http://10.0.0.1",
            "https://provider.example#x",
            "http://169.254.169.254",
        ],
    )
    @pytest.mark.shows("V-03")
    def test_calls_nobody_by_an_unprotected_address(self, issuer: str, cast: Cast, provider: FakeProvider) -> None:
        with pytest.raises(HostRefused):
            register(cast, provider, issuer=issuer)


class TestCalling:
    @pytest.mark.shows("V-03")
    def test_production_calls_listed_hosts_only_and_never_inside(
        self, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house = settings.WARIFU
        monkeypatch.setattr(settings, "WARIFU", house.model_copy(update={"mode": "production"}))
        with pytest.raises(HostRefused):
            federation.describe("https://localhost:1")
        listed = house.model_copy(update={"mode": "production", "outgoing_hosts": ["localhost"]})
        monkeypatch.setattr(settings, "WARIFU", listed)
        with pytest.raises(HostRefused):
            federation.describe(provider.issuer)
        with pytest.raises(ProviderSilent):
            federation.describe(provider.issuer.replace("http:", "https:"))
        assert provider.calls == []

    @pytest.mark.parametrize("answer", [b"no json", b"[]", b"{" + b" " * 300_000 + b"}"])
    def test_takes_no_answer_that_is_odd_or_too_large(
        self, answer: bytes, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(provider, "answers", lambda *_: (200, answer))
        with pytest.raises(ProviderSilent):
            federation.describe(provider.issuer)

    def test_follows_no_redirect(self, provider: FakeProvider, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(provider, "answers", lambda *_: (302, {}))
        with pytest.raises(ProviderSilent):
            federation.describe(provider.issuer)

    @pytest.mark.shows("V-03")
    @pytest.mark.parametrize("name", ["token_endpoint", "jwks_uri"])
    def test_is_not_led_to_another_host(self, name: str, cast: Cast, provider: FakeProvider, provider_id: UUID) -> None:
        cache.clear()
        provider.changes = {name: "https://elsewhere.example/"}
        bound(cast, provider, provider_id)
        with pytest.raises(HostRefused):
            come_back(provider_id, leave(provider_id, provider))

    def test_a_refused_client_is_a_silent_provider(self, cast: Cast, provider: FakeProvider, provider_id: UUID) -> None:
        provider.secret = "another"
        with pytest.raises(ProviderSilent):
            come_back(provider_id, leave(provider_id, provider))


class TestGoing:
    @pytest.mark.shows("L-26")
    def test_asks_for_a_code_with_state_nonce_and_pkce(
        self, cast: Cast, provider: FakeProvider, provider_id: UUID
    ) -> None:
        leaving = external.start(provider_id=provider_id, purpose="sign_in", back="/", visitor=HERE, at=MORNING)
        asked = provider.visit(leaving.address)
        assert leaving.address.startswith(f"{provider.issuer}/authorize?")
        assert asked["scope"] == ["openid"]
        assert asked["response_type"] == ["code"]
        assert asked["code_challenge_method"] == ["S256"]
        assert asked["state"] == [leaving.state]
        assert asked["redirect_uri"] == [external.way_back(provider_id=provider_id)]
        row = ExternalSignIn.objects.get()
        assert leaving.state not in row.state_hash
        assert row.verifier not in leaving.address

    def test_an_unknown_provider_is_not_there(self, cast: Cast, provider: FakeProvider, provider_id: UUID) -> None:
        identity_providers.end(organisation_id=cast.aoba, provider_id=provider_id, by=cast.aoki, at=MORNING)
        with pytest.raises(NotFound):
            leave(provider_id, provider)


class TestComingBack:
    @pytest.mark.shows("L-26", "000-18")
    def test_signs_in_whoever_is_bound(self, cast: Cast, provider: FakeProvider, provider_id: UUID) -> None:
        bound(cast, provider, provider_id)
        back = come_back(provider_id, leave(provider_id, provider))
        done = signin.proceed(token=back.process, visitor=HERE, at=LATER)
        assert isinstance(done, signin.SignedIn)
        assert done.member_id == cast.inoue.id
        found = living_session(token=done.session_token, at=LATER)
        assert found
        assert found.factors == ("external",)
        assert found.actor.level == 1
        assert provider.asked[0]["code_verifier"] == [ExternalSignIn.objects.get().verifier]

    @pytest.mark.shows("L-26")
    @pytest.mark.parametrize(
        ("claims", "level"),
        [
            ({"amr": ["pwd", "mfa"]}, 2),
            ({"acr": "mfa"}, 2),
            ({"acr": "urn:other"}, 1),
            ({"amr": ["mfa"], "auth_time": int((LATER - timedelta(hours=13)).timestamp())}, 1),
            ({"amr": ["mfa"], "auth_time": int((LATER + timedelta(hours=1)).timestamp())}, 1),
            ({"amr": ["mfa"], "auth_time": None}, 1),
        ],
    )
    def test_strength_is_what_the_organisation_trusts_and_the_weakest_otherwise(
        self, claims: dict[str, Any], level: int, cast: Cast, provider: FakeProvider, provider_id: UUID
    ) -> None:
        bound(cast, provider, provider_id)
        provider.forge = lambda honest: {k: v for k, v in (honest | claims).items() if v is not None}
        back = come_back(provider_id, leave(provider_id, provider))
        done = signin.proceed(token=back.process, visitor=HERE, at=LATER)
        assert isinstance(done, signin.SignedIn)
        assert Session.objects.get(member_id=cast.inoue.id).level == level

    @pytest.mark.shows("L-26")
    @pytest.mark.parametrize(
        "changed",
        [
            {"iss": "https://other.example"},
            {"aud": "somebody-else"},
            {"aud": ["warifu-here", "other"], "azp": "other"},
            {"exp": int((LATER - timedelta(minutes=5)).timestamp())},
            {"iat": int((LATER + timedelta(minutes=5)).timestamp())},
            {"iat": int((LATER - timedelta(hours=5)).timestamp())},
            {"nonce": "another"},
            {"nonce": None},
            {"sub": ""},
            {"sub": None},
            {"sub": 7},
            {"at_hash": "AAAA"},
            {"exp": None},
            {"auth_time": "soon"},
            {"amr": "mfa"},
        ],
        ids=str,
    )
    def test_believes_no_wrong_claim(
        self, changed: dict[str, Any], cast: Cast, provider: FakeProvider, provider_id: UUID
    ) -> None:
        bound(cast, provider, provider_id)
        provider.forge = lambda honest: {k: v for k, v in (honest | changed).items() if v is not None}
        self.refused(provider, provider_id)

    @pytest.mark.shows("L-26")
    @pytest.mark.parametrize(
        "sign",
        [
            lambda _provider, claims: unsigned(claims),
            signed_with_the_public_key,
            lambda _provider, claims: signed_by_somebody_else(claims, "two"),
            lambda _provider, claims: signed_by_somebody_else(claims, "one"),
            lambda provider, claims: provider.signed(claims)[:-6] + "AAAAAA",
            lambda _provider, _claims: "a.b.c",
            lambda _provider, _claims: "",
        ],
        ids=["none", "HS256", "foreign kid", "known kid", "broken", "rubbish", "empty"],
    )
    def test_believes_no_wrong_signature(
        self,
        sign: Callable[[FakeProvider, dict[str, Any]], str],
        cast: Cast,
        provider: FakeProvider,
        provider_id: UUID,
    ) -> None:
        bound(cast, provider, provider_id)
        provider.sign = sign
        self.refused(provider, provider_id)

    def refused(self, provider: FakeProvider, provider_id: UUID) -> None:
        before = SignIn.objects.count()
        leaving = leave(provider_id, provider)
        with pytest.raises(NotBelieved):
            come_back(provider_id, leaving)
        assert SignIn.objects.count() == before
        assert not Session.objects.exists()
        with pytest.raises(external.WayOver):
            come_back(provider_id, leaving)

    def test_fetches_a_new_key_once_but_not_for_every_forgery(
        self, cast: Cast, provider: FakeProvider, provider_id: UUID
    ) -> None:
        bound(cast, provider, provider_id)
        come_back(provider_id, leave(provider_id, provider))
        from joserfc.jwk import RSAKey

        provider.key = RSAKey.generate_key(2048, {"kid": "two"})
        provider.shown_keys = [provider.key.as_dict(private=False) | {"kid": "two"}]
        provider.sign = lambda fake, claims: fake.signed(claims, kid="two")
        assert come_back(provider_id, leave(provider_id, provider)).process
        fetched = provider.calls.count("/keys")
        for _ in range(3):
            provider.sign = lambda _fake, claims: signed_by_somebody_else(claims, "three")
            with pytest.raises(NotBelieved):
                come_back(provider_id, leave(provider_id, provider))
        assert provider.calls.count("/keys") == fetched

    @pytest.mark.shows("L-26")
    def test_an_unknown_subject_makes_nothing_and_a_mail_address_counts_for_nothing(
        self, cast: Cast, provider: FakeProvider, provider_id: UUID
    ) -> None:
        provider.forge = lambda honest: honest | {"email": "i002@example.jp", "email_verified": True}
        with pytest.raises(external.IdentityUnknown):
            come_back(provider_id, leave(provider_id, provider))
        assert not SignIn.objects.exists()
        assert not ExternalIdentity.objects.exists()
        (line,) = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.signin.failed")
        assert line.values["fault"] == "unknown"

    def test_lets_nobody_in_who_has_left(self, cast: Cast, provider: FakeProvider, provider_id: UUID) -> None:
        bound(cast, provider, provider_id)
        assert cast.inoue.id is not None
        departures.record(
            organisation_id=cast.aoba, member_id=cast.inoue.id, left_on=MORNING.date(), by=cast.aoki, at=MORNING
        )
        with pytest.raises(external.IdentityUnknown):
            come_back(provider_id, leave(provider_id, provider))

    @pytest.mark.shows("L-26", "V-08")
    def test_a_way_belongs_to_one_browser_one_provider_one_use_and_ten_minutes(
        self, cast: Cast, provider: FakeProvider, provider_id: UUID
    ) -> None:
        bound(cast, provider, provider_id)
        other = register(cast, provider, client_id="second")
        leaving = leave(provider_id, provider)
        for wrong in (
            {"kept_state": ""},
            {"kept_state": "another browser's"},
            {"answer": {"state": ""}, "kept_state": ""},
            {"provider_id": other},
            {"at": MORNING + timedelta(minutes=11)},
        ):
            with pytest.raises(external.WayOver):
                external.finish(
                    **{
                        "provider_id": provider_id,
                        "answer": {"state": leaving.state, "code": "c"},
                        "kept_state": leaving.state,
                        "here": None,
                        "visitor": HERE,
                        "at": LATER,
                        **wrong,
                    }
                )
        assert come_back(provider_id, leaving).process
        with pytest.raises(external.WayOver):
            come_back(provider_id, leaving)

    @pytest.mark.shows("L-26")
    def test_believes_no_answer_of_another_provider(
        self, cast: Cast, provider: FakeProvider, provider_id: UUID
    ) -> None:
        bound(cast, provider, provider_id)
        with pytest.raises(NotBelieved):
            come_back(provider_id, leave(provider_id, provider), answer={"iss": "https://evil.example"})
        assert come_back(provider_id, leave(provider_id, provider), answer={"iss": provider.issuer}).process
        provider.changes = {"authorization_response_iss_parameter_supported": True}
        cache.clear()
        with pytest.raises(NotBelieved):
            come_back(provider_id, leave(provider_id, provider))
        assert all(form["code"] == ["the-code"] for form in provider.asked)
        assert len(provider.asked) == 1

    def test_a_provider_that_says_no_is_told_as_such(
        self, cast: Cast, provider: FakeProvider, provider_id: UUID
    ) -> None:
        with pytest.raises(external.ProviderRefused):
            come_back(provider_id, leave(provider_id, provider), answer={"error": "access_denied", "code": ""})


class TestBinding:
    @pytest.mark.shows("L-26", "L-12")
    def test_a_member_binds_what_the_provider_has_just_proven_and_hears_of_it(
        self, cast: Cast, provider: FakeProvider, provider_id: UUID
    ) -> None:
        here = signed_in_as(cast.eto)
        leaving = leave(provider_id, provider, purpose="bind", by=here.actor)
        assert "prompt=login" in leaving.address
        assert come_back(provider_id, leaving, here=here).purpose == "bind"
        (identity,) = queries.identities_of(organisation_id=cast.aoba, member_id=here.actor.id)  # type: ignore[arg-type]
        assert identity.subject == provider.subject
        (letter,) = letters.letters_of(organisation_id=cast.aoba, member_id=cast.eto.id)
        assert letter.kind == "factor_added"
        (line,) = audit.timeline(organisation_id=cast.aoba, event_prefix="credentials.factor.added")
        assert line.values["factor"] == "external"

    @pytest.mark.shows("V-08")
    def test_binds_nothing_in_another_persons_session_or_without_one(
        self, cast: Cast, provider: FakeProvider, provider_id: UUID
    ) -> None:
        for here in (None, signed_in_as(cast.okada)):
            leaving = leave(provider_id, provider, purpose="bind", by=cast.eto)
            with pytest.raises(external.WayOver):
                come_back(provider_id, leaving, here=here)
        assert not ExternalIdentity.objects.exists()

    def test_wants_a_proof_of_this_very_moment(self, cast: Cast, provider: FakeProvider, provider_id: UUID) -> None:
        here = signed_in_as(cast.eto)
        provider.forge = lambda honest: honest | {"auth_time": int((MORNING - timedelta(hours=1)).timestamp())}
        with pytest.raises(NotBelieved):
            come_back(provider_id, leave(provider_id, provider, purpose="bind", by=here.actor), here=here)

    def test_one_identity_belongs_to_one_member(self, cast: Cast, provider: FakeProvider, provider_id: UUID) -> None:
        bound(cast, provider, provider_id)
        here = signed_in_as(cast.eto)
        with pytest.raises(identity_providers.IdentityTaken):
            come_back(provider_id, leave(provider_id, provider, purpose="bind", by=here.actor), here=here)
        with pytest.raises(identity_providers.IdentityTaken):
            bound(cast, provider, provider_id)

    @pytest.mark.shows("S-09")
    @pytest.mark.parametrize("who", ["eto", "okada", "aoki"])
    def test_an_administrator_binds_nobody_who_works_with_others_data(
        self, who: str, cast: Cast, provider: FakeProvider, provider_id: UUID
    ) -> None:
        with pytest.raises(identity_providers.BindsOwn):
            identity_providers.bind_for(
                organisation_id=cast.aoba,
                provider_id=provider_id,
                member_id=getattr(cast, who).id,
                subject="s",
                by=cast.aoki,
                at=MORNING,
            )
        assert not ExternalIdentity.objects.exists()

    @pytest.mark.shows("P-07")
    def test_binds_nobody_of_another_organisation(self, cast: Cast, provider: FakeProvider, provider_id: UUID) -> None:
        assert cast.ueno.id is not None
        with pytest.raises(NotFound):
            identity_providers.bind_for(
                organisation_id=cast.aoba,
                provider_id=provider_id,
                member_id=cast.ueno.id,
                subject="s",
                by=cast.aoki,
                at=MORNING,
            )
        with pytest.raises(NotFound):
            leave(provider_id, provider, purpose="bind", by=cast.ueno)

    def test_an_untied_identity_lets_nobody_in(self, cast: Cast, provider: FakeProvider, provider_id: UUID) -> None:
        bound(cast, provider, provider_id)
        (identity,) = queries.identities_at(organisation_id=cast.aoba, provider_id=provider_id)
        with pytest.raises(NotPermitted):
            identity_providers.unbind(organisation_id=cast.aoba, identity_id=identity.id, by=cast.eto, at=MORNING)
        with pytest.raises(NotFound):
            identity_providers.unbind(organisation_id=cast.ueda, identity_id=identity.id, by=cast.ueno, at=MORNING)
        identity_providers.unbind(organisation_id=cast.aoba, identity_id=identity.id, by=cast.inoue, at=MORNING)
        with pytest.raises(external.IdentityUnknown):
            come_back(provider_id, leave(provider_id, provider))

    def test_a_weak_session_of_somebody_with_two_factors_binds_nothing(
        self, cast: Cast, provider: FakeProvider, provider_id: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from dataclasses import replace

        from warifu.credentials.actions import factors

        monkeypatch.setattr(factors, "enrolled", lambda **_: frozenset({"passkey"}))
        with pytest.raises(LevelTooLow):
            leave(provider_id, provider, purpose="bind", by=replace(cast.eto, level=1))


class TestProvingAgain:
    @pytest.mark.shows("L-25")
    def test_renews_the_session_of_the_same_person_only(
        self, cast: Cast, provider: FakeProvider, provider_id: UUID
    ) -> None:
        bound(cast, provider, provider_id)
        here = signed_in_as(cast.inoue)
        back = come_back(provider_id, leave(provider_id, provider, purpose="again", by=here.actor), here=here)
        found = living_session(token=back.session_token, at=LATER)
        assert found
        assert found.actor.authenticated_at == LATER
        provider.subject = "somebody-else"
        with pytest.raises(external.OtherPerson):
            come_back(provider_id, leave(provider_id, provider, purpose="again", by=here.actor), here=here)


@pytest.mark.shows("L-10")
def test_unknown_organisations_and_those_without_a_provider_look_alike(
    cast: Cast, provider: FakeProvider, provider_id: UUID
) -> None:
    assert [line.name for line in queries.offered(organisation_code=" ＡＯＢＡ ")] == ["青葉グループのID"]
    assert queries.offered(organisation_code="ueda") == queries.offered(organisation_code="nowhere") == []


def test_old_ways_are_forgotten(cast: Cast, provider: FakeProvider, provider_id: UUID) -> None:
    leave(provider_id, provider)
    assert external.tidy(at=MORNING + timedelta(minutes=5)) == 0
    assert external.tidy(at=MORNING + timedelta(minutes=11)) == 1
