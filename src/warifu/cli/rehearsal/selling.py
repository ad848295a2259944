"""The part of the demo that sells: two products with terms, and a registration card in the practice mailbox (000)."""

from __future__ import annotations

from datetime import datetime, timedelta

from warifu.foundation.actor import Actor
from warifu.foundation.days import jst_day
from warifu.licences.actions import cards, products
from warifu.licences.queries import cards as queries

TERMS = (
    ("use", "利用規約", "第1条 この練習用の規約は、練習のためのものです。\n第2条 本物の個人番号は入れません。"),
    ("support", "保守規約", "第1条 サポートIDを伝えると、サポートを受けられます。"),
)


def act(*, seller: Actor, at: datetime) -> None:
    """Make the products and mail one card to a customer to come, who can register it and start use."""
    for code, name, edition in (
        ("collect", "割符 収集と保管（練習用）", "collecting"),
        ("keep", "割符 保管だけ（練習用）", "keeping"),
    ):
        product_id = products.make(code=code, name=name, edition=edition, licence_months=12, by=seller, at=at)
        for terms, title, body in TERMS:
            products.publish_terms(product_id=product_id, code=terms, title=title, body=body, by=seller, at=at)
        batch_id = cards.make_batch(
            product_id=product_id,
            name="練習用の束",
            channel="mail",
            count=3,
            register_until=jst_day(at) + timedelta(days=180),
            by=seller,
            at=at,
        )
        (card, *_others), _next = queries.cards_page(by=seller, batch_id=batch_id)
        cards.send(card_id=card.id, to_mail="hanako@hinoki.example", to_name="桧 花子", by=seller, at=at)
