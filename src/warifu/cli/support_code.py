"""`warifu support-code`: why a head's self-reset sent nothing, also where the organisation code was wrong (003-4)."""

from __future__ import annotations

import click
from django.utils import timezone

from warifu.credentials.actions import support_codes
from warifu.foundation.actor import OPERATOR
from warifu.foundation.days import JST


@click.command("support-code")
@click.argument("code")
def support_code(*, code: str) -> None:
    """お問合せ番号CODEの事情を出します。 / Why an asking with this support code went as it did."""
    found = support_codes.read_any(typed=code, by=OPERATOR, at=timezone.now())
    click.echo(f"{found.support_code} {found.asked_at.astimezone(JST):%Y-%m-%d %H:%M}")
    if found.organisation_id is None:
        click.echo("組織コードが違っています。 / The organisation code is unknown.")
        return
    click.echo(f"{found.sentence} {found.remedy}")
