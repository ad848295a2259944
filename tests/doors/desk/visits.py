"""Somebody at the desk: a client who is signed in, and people registered so many days ago."""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.test import Client
from django.utils import timezone

from warifu.credentials.actions import sessions
from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day


def visit(actor: Actor) -> Client:
    """A client signed in as an actor, just now."""
    assert actor.id
    token = sessions.start(member_id=actor.id, level=1, browser="", address="", at=timezone.now())
    client = Client()
    client.cookies[settings.SESSION_COOKIE] = token
    return client


def days_ago(days: int) -> date:
    """The day in Japan so many days before this moment."""
    return jst_day(timezone.now()) - timedelta(days=days)
