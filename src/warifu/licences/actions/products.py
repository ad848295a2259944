"""The operator's products and their terms; no version of terms is ever changed (000-9)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max

from warifu.audit import actions as audit
from warifu.audit.events import Licences as Events
from warifu.foundation.actor import Actor
from warifu.foundation.refusals import NotFound, Refused
from warifu.foundation.refusals import translatable as _
from warifu.licences.models import Product, Terms
from warifu.licences.queries.office import insist_manager


class ProductTaken(Refused):
    """Another product has this code."""

    code = "WF-L110"
    sentence = _("製品コード「{product}」はすでに使われています。")
    remedy = _("別の製品コードを選んでください。")


def make(*, code: str, name: str, edition: str, licence_months: int, by: Actor, at: datetime) -> UUID:
    """Make a product. Raises `NotPermitted`, `NotFound` for an unknown edition, `ProductTaken`."""
    operator_id = insist_manager(by=by)
    if edition not in Product.Edition.values:
        raise NotFound
    try:
        with transaction.atomic():
            row = Product.objects.create(
                code=code, name=name, edition=edition, licence_months=licence_months, created_at=at
            )
            audit.record(
                event=Events.PRODUCT_MADE, by=by, at=at, organisation_id=operator_id, subject_id=row.id, name=name
            )
    except IntegrityError:
        raise ProductTaken(product=code) from None
    return row.id


class ProductEnded(Refused):
    """The product was ended before."""

    code = "WF-L307"
    sentence = _("この製品は、すでに終了しています。")
    remedy = _("画面を読み込み直して、いまの状態を確かめてください。")


def end(*, product_id: UUID, by: Actor, at: datetime) -> None:
    """End a product: no new cards; cards and licences that were made go on. Raises `NotPermitted`, `NotFound`,
    `ProductEnded`."""
    operator_id = insist_manager(by=by)
    name = Product.objects.filter(id=product_id).values_list("name", flat=True).first()
    if name is None:
        raise NotFound
    with transaction.atomic():
        if Product.objects.filter(id=product_id, ended_at=None).update(ended_at=at) != 1:
            raise ProductEnded
        audit.record(
            event=Events.PRODUCT_ENDED, by=by, at=at, organisation_id=operator_id, subject_id=product_id, name=name
        )


def publish_terms(*, product_id: UUID, code: str, title: str, body: str, by: Actor, at: datetime) -> UUID:
    """Publish a document of terms, or its next version. Raises `NotPermitted`, `NotFound`."""
    operator_id = insist_manager(by=by)
    with transaction.atomic():
        product = Product.objects.select_for_update().filter(id=product_id).first()
        if product is None:
            raise NotFound
        last = Terms.objects.filter(product=product, code=code).aggregate(last=Max("version"))["last"] or 0
        row = Terms.objects.create(
            product=product, code=code, version=last + 1, title=title, body=body, published_at=at
        )
        audit.record(
            event=Events.TERMS_PUBLISHED,
            by=by,
            at=at,
            organisation_id=operator_id,
            subject_id=row.id,
            title=title,
            version=row.version,
        )
    return row.id
