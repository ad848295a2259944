"""How long the one limiter makes people wait, for every secret that can be guessed (L-11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Limit:
    """How failures slow down the next try: `free` of them cost nothing, then the wait doubles from `first` to `cap`.

    The wait never grows beyond `cap` and failures are forgotten after `window`, so that nobody can lock somebody
    else out for ever (L-11).
    """

    free: int
    first: timedelta
    cap: timedelta
    window: timedelta = timedelta(hours=24)

    def wait(self, failures: int) -> timedelta:
        """The wait after so many failures in a row."""
        beyond = failures - self.free
        if beyond < 0:
            return timedelta(0)
        doublings: int = 2 ** min(beyond, 20)
        return min(self.first * doublings, self.cap)


_QUARTER = timedelta(minutes=15)
LIMITS: dict[str, Limit] = {
    # one account from one address, or from one known device
    "signin.pair": Limit(free=5, first=timedelta(seconds=30), cap=_QUARTER),
    # one account from anywhere: only slowed, so that guesses from many addresses stay below 1,440 a day
    "signin.account": Limit(free=30, first=timedelta(seconds=5), cap=timedelta(minutes=1)),
    # one address for any account; an office behind one address has many people
    "signin.address": Limit(free=60, first=timedelta(seconds=5), cap=_QUARTER, window=timedelta(hours=1)),
    # the second factor of one account, wherever the tries come from; the password was right before
    "second.account": Limit(free=5, first=timedelta(seconds=30), cap=_QUARTER),
    # questions put to passkeys at the door, which costs a row each
    "passkey.address": Limit(free=120, first=timedelta(seconds=5), cap=timedelta(minutes=1), window=timedelta(hours=1)),
    # questions put to cards at the door, which costs a row each, and codes of pull mode that no page shows
    "question.address": Limit(
        free=120, first=timedelta(seconds=5), cap=timedelta(minutes=1), window=timedelta(hours=1)
    ),
    "pull.address": Limit(free=20, first=timedelta(seconds=30), cap=_QUARTER, window=timedelta(hours=1)),
    # the letter about wrong second factors: once an hour
    "second.letter": Limit(free=1, first=timedelta(hours=1), cap=timedelta(hours=1), window=timedelta(hours=1)),
    # new mailed codes for one account
    "code.account": Limit(free=4, first=timedelta(minutes=1), cap=_QUARTER),
    # first passwords of sealed notices, typed at the door
    "notice.account": Limit(free=5, first=timedelta(seconds=30), cap=_QUARTER),
    "notice.address": Limit(free=30, first=timedelta(seconds=5), cap=_QUARTER, window=timedelta(hours=1)),
    # the password asked again inside a session
    "relogin": Limit(free=5, first=timedelta(seconds=30), cap=_QUARTER),
    # a new link by mail
    "link.account": Limit(free=3, first=timedelta(minutes=1), cap=_QUARTER, window=timedelta(hours=6)),
    "link.address": Limit(free=30, first=timedelta(seconds=30), cap=_QUARTER, window=timedelta(hours=1)),
    # text messages with a code to one person, and further ones within one self-reset
    "text.account": Limit(free=4, first=timedelta(minutes=1), cap=_QUARTER, window=timedelta(hours=1)),
    "reset.resend": Limit(free=2, first=_QUARTER, cap=_QUARTER, window=timedelta(hours=1)),
    # self-resets: of one person from one device or address, of one person from anywhere, and from one address
    "reset.pair": Limit(free=3, first=timedelta(minutes=1), cap=_QUARTER, window=timedelta(hours=6)),
    "reset.account": Limit(free=6, first=timedelta(minutes=1), cap=timedelta(minutes=5), window=timedelta(hours=6)),
    "reset.address": Limit(free=30, first=timedelta(seconds=30), cap=_QUARTER, window=timedelta(hours=1)),
    # support codes typed by one administrator
    "support.account": Limit(free=10, first=timedelta(seconds=30), cap=_QUARTER, window=timedelta(hours=1)),
    # recovery slips that do not fit together, from one address and for one organisation
    "slips.address": Limit(free=10, first=timedelta(seconds=30), cap=_QUARTER, window=timedelta(hours=1)),
    "slips.organisation": Limit(free=20, first=timedelta(seconds=5), cap=timedelta(minutes=1)),
    # ways out to an identity provider from one address
    "external.address": Limit(free=60, first=timedelta(seconds=5), cap=_QUARTER, window=timedelta(hours=1)),
    # numbers of registration cards, confirmation numbers and licence keys: from one address, and of one card
    "card.address": Limit(free=20, first=timedelta(seconds=30), cap=_QUARTER, window=timedelta(hours=1)),
    "card.number": Limit(free=5, first=timedelta(seconds=30), cap=_QUARTER),
    # earlier registrations read by number and telephone number
    "card.company": Limit(free=5, first=timedelta(seconds=30), cap=_QUARTER),
    # numbers and check codes of papers, which anybody may examine
    "paper.address": Limit(free=20, first=timedelta(seconds=30), cap=_QUARTER, window=timedelta(hours=1)),
    # tokens of the API
    "token.address": Limit(free=30, first=timedelta(seconds=5), cap=_QUARTER, window=timedelta(hours=1)),
    # requests of one token: 600 a minute, then slower
    "token.requests": Limit(
        free=600, first=timedelta(seconds=5), cap=timedelta(minutes=1), window=timedelta(minutes=1)
    ),
    # entries about refused doors: after a few of the same kind only one in a quarter of an hour
    "denial": Limit(free=5, first=_QUARTER, cap=_QUARTER, window=timedelta(hours=1)),
}
"""Every purpose that the limiter knows (L-11)."""
