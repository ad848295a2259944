"""The operator's schemes of IDs (B1)."""

from __future__ import annotations

import re
from datetime import date, datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from warifu.applications.models import Price, Scheme
from warifu.applications.rules import billing
from warifu.applications.rules.allotment import Pattern
from warifu.audit import actions as audit
from warifu.audit.events import Applications as Events
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _

_SINCE = date(2014, 5, 1)
"""From when on the starting prices count; their sources are of that month (seeds.md B2.7)."""


class SchemeUnusable(Refused):
    """The patterns do not make IDs that can be told apart."""

    code = "WF-U203"
    sentence = _("ID体系の形「{pattern}」は正しくありません。")
    remedy = _("英字は L、数字は D、そのほかの文字はそのまま書きます。netNACCS の識別番号は L、一般は D で始めます。")
    status = 422


class SchemeTaken(Refused):
    """Another scheme has this code."""

    code = "WF-U204"
    sentence = _("このID体系はすでにあります。")
    remedy = _("別の名前を選んでください。")


def make(
    *,
    code: str,
    name: str,
    code_pattern: str,
    net_pattern: str,
    general_pattern: str,
    first_code: str = "",
    avoids_look_alikes: bool = False,
    by: Actor,
    at: datetime,
) -> UUID:
    """Define a scheme with the starting prices; `first_code` is where its sequence begins. For the operator at the
    terminal only.

    Raises `NotFound` for members, `SchemeUnusable`, `SchemeTaken`.
    """
    if by.organisation_id is not None:
        raise NotFound
    for pattern, start in ((code_pattern, ""), (net_pattern, "L"), (general_pattern, "D")):
        if not re.fullmatch(r"[A-Z0-9]{1,12}", pattern) or not pattern.startswith(start):
            raise SchemeUnusable(pattern=pattern)
    codes = Pattern(text=code_pattern, avoids_look_alikes=avoids_look_alikes)
    place = codes.place(first_code) if first_code else 0
    if place is None:
        raise SchemeUnusable(pattern=first_code)
    try:
        with transaction.atomic():
            row = Scheme.objects.create(
                code=code,
                name=name,
                code_pattern=code_pattern,
                net_pattern=net_pattern,
                general_pattern=general_pattern,
                avoids_look_alikes=avoids_look_alikes,
                next_code=place,
                created_at=at,
            )
            Price.objects.bulk_create(
                Price(scheme=row, item=item, plan=plan, amount=amount, source=source, from_month=_SINCE)
                for item, plan, amount, source in billing.STARTING
            )
            audit.record(event=Events.SCHEME_MADE, by=by, at=at, organisation_id=None, subject_id=row.id, name=name)
    except IntegrityError:
        raise SchemeTaken from None
    return row.id
