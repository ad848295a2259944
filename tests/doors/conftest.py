"""Clients of the doors: a browser that is signed in, or none."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from warifu.credentials.actions import sessions
from warifu.foundation.actor import Actor

SignIn = Callable[..., Client]


def signed_in_client(actor: Actor, *, at: datetime | None = None, enforce_csrf_checks: bool = False) -> Client:
    """A browser in which somebody signed in, just now or at a given moment."""
    assert actor.id is not None
    token = sessions.start(member_id=actor.id, level=2, browser="tests", address="127.0.0.1", at=at or timezone.now())
    client = Client(enforce_csrf_checks=enforce_csrf_checks)
    client.cookies[settings.SESSION_COOKIE] = token
    return client


@pytest.fixture
def sign_in(db: None) -> SignIn:
    """Make a browser in which somebody is signed in: `sign_in(cast.eto)`."""
    return signed_in_client
