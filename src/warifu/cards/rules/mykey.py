"""マイキーID: when it is open, how long the queue takes, what an ID looks like (seeds.md 004; cards.md 5)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from warifu.cards.rules.signs import ALPHABET, LENGTH
from warifu.foundation.days import JST
from warifu.foundation.refusals import Named, Refused
from warifu.foundation.refusals import translatable as _

READS_WITHIN = timedelta(minutes=3)
"""How long somebody who is called may take before the place goes to the next one."""
GONE_AFTER = timedelta(minutes=2)
"""A waiting page that has not asked for so long has been left, and nobody waits behind it."""
PACE_OVER = timedelta(minutes=15)
"""Over which time it is measured how fast the queue moves."""
OWN_TRIES = 3
"""Wishes that somebody else has already; after them an ID is generated (cards.md 5.1)."""
GENERATED = 3
"""How often one may have another ID generated (cards.md 5.1)."""


class MyKeyRefused(Refused):
    """What refusals of MyKey ID have in common: the code by which people know the same trouble."""

    known: tuple[str, ...] = ()


class NotOpenYet(MyKeyRefused):
    """The stage opens on a date (004-3)."""

    code = "WF-K304"
    sentence = _("{what}の受付は、{opens_at}からです。")
    remedy = _("その時刻を過ぎてから、もう一度お進みください。カレンダーに入れておくと忘れません。")
    status = 403


class AlreadyReserved(MyKeyRefused):
    """This person or this card has a MyKey ID (004-16)."""

    code = "WF-K305"
    known = ("MKCZ302E",)
    sentence = _("マイキーIDは、すでに予約（発行）されています。")
    remedy = _("予約の手続きは要りません。「予約済みの方」から、マイキーIDをご覧ください。")


class Superseded(MyKeyRefused):
    """Another reservation of the same person went ahead; the one in hand is no longer usable (004-17)."""

    code = "WF-K306"
    known = ("MKCZ372E",)
    sentence = _("ほかの端末または画面で手続きが進んだため、この手続きは使えなくなりました。")
    remedy = _("使う端末を一つに決めて、はじめからやり直してください。")


class PlaceLost(MyKeyRefused):
    """The one who was called did not read the card in time, or it is not their turn yet (004-13)."""

    code = "WF-K307"
    known = ("MKCZ802E",)
    sentence = _("順番の時間が過ぎたか、まだ順番ではありません。")
    remedy = _("「もう一度並ぶ」を押してください。通信が切れていたときは、つながっていることを先に確かめてください。")


class WishTaken(MyKeyRefused):
    """Somebody else has this ID; after some wishes in a row one is generated."""

    code = "WF-K308"
    sentence = _("このマイキーIDは、ほかの方が使っています。")
    remedy = _("別の8文字を入れてください。あと{left}回うまくいかないと、自動で作ったIDになります。")


class WishUnusable(MyKeyRefused):
    """An ID is eight signs without look-alikes."""

    code = "WF-K309"
    sentence = _("マイキーIDは、見まちがえやすい文字を除いた英数字8文字です。")
    remedy = _("0とO、1とI、2とZは使えません。英字は大文字になります。")
    status = 422


class NoMoreGenerated(MyKeyRefused):
    """An ID was generated as often as it may be."""

    code = "WF-K310"
    sentence = _("自動で作り直せるのは{most}回までです。")
    remedy = _("いまのIDをお使いになるか、ご自分で決めた8文字を入れてください。")


@dataclass(frozen=True, kw_only=True)
class Wait:
    """順番待ち: how many are ahead, and how long that took others lately; None where nobody can know."""

    ahead: int
    minutes: int | None


def wait(*, ahead: int, done_lately: int) -> Wait:
    """An honest estimate: the pace of the last quarter of an hour, or nothing when there was none.

    Never less than a minute, rounded up, and never a promise.
    """
    if done_lately == 0:
        return Wait(ahead=ahead, minutes=None)
    each = PACE_OVER / timedelta(minutes=1) / done_lately
    return Wait(ahead=ahead, minutes=max(1, math.ceil((ahead + 1) * each)))


def insist_open(*, opens_at: datetime | None, what: str, at: datetime) -> None:
    """That a stage is open. Raises `NotOpenYet` with the moment; a stage without one is not announced."""
    if opens_at is None:
        raise NotOpenYet(what=Named(what), opens_at=Named(_("まだ決まっていない日")))
    if at < opens_at:
        raise NotOpenYet(what=Named(what), opens_at=words(opens_at))


def words(moment: datetime) -> str:
    """A moment as it is said: `2026年7月1日 0:00`."""
    local = moment.astimezone(JST)
    return f"{local.year}年{local.month}月{local.day}日 {local.hour}:{local.minute:02}"


def insist_usable(text: str) -> None:
    """That a wished ID has the form of one. Raises `WishUnusable`."""
    if len(text) != LENGTH or not set(text) <= set(ALPHABET) or text.isdigit():
        raise WishUnusable
