"""What is said when a code or a further proof was not accepted: each cause has a sentence of its own.

Nobody reads these before the first stage is passed, so they tell a stranger nothing (L-10).
"""

from __future__ import annotations

from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _


class CodeNotAccepted(Refused):
    """The first stage was passed; the code or the further proof did not fit."""

    code = "WF-S205"
    sentence = _("確認できませんでした。")
    remedy = _("コードを見直して、もう一度お試しください。新しいコードを受け取ると、前のコードは使えなくなります。")
    status = 422


class SecondNotAccepted(CodeNotAccepted):
    """No authenticator app shows this code, and no unused recovery code is written like this."""

    code = "WF-S224"
    sentence = _("認証アプリのコード、または予備コードが合いません。")
    remedy = _(
        "アプリに出ている、いちばん新しい6桁のコードを入れてください。一度使ったコードは使えません。合わないときは、スマートフォンの時刻を自動設定にしてください。"
    )


class MailCodeWrong(CodeNotAccepted):
    """The mailed code does not fit; a few tries are left (L-15)."""

    code = "WF-S231"
    sentence = _("メール確認コードが合いません。")
    remedy = _(
        "いちばん新しいメールの6桁を入れてください。このコードを試せるのは、あと{left}回です。そのあとは、新しいコードを受け取れば続けられます。"
    )


class MailCodeExpired(CodeNotAccepted):
    """The mailed code is older than ten minutes (L-15)."""

    code = "WF-S232"
    sentence = _("メール確認コードの有効期限の10分が過ぎました。")
    remedy = _("「新しいコードを送る」を押し、新しく届いたコードを入れてください。")


class MailCodeReplaced(CodeNotAccepted):
    """A newer code was mailed for this sign-in; this is an earlier one (L-15, 000-29)."""

    code = "WF-S233"
    sentence = _("このコードは、新しいコードを送ったため使えなくなりました。")
    remedy = _("いちばん新しいメールのコードを入れてください。まだ届いていないときは、少しお待ちください。")


class MailCodeSpent(CodeNotAccepted):
    """The mailed code was tried too often (L-15)."""

    code = "WF-S234"
    sentence = _("続けて5回合わなかったため、このコードは使えなくなりました。")
    remedy = _("「新しいコードを送る」を押し、新しく届いたコードを入れてください。")


class ResendTooSoon(Refused):
    """A code was mailed a moment ago: it may still be on its way (L-15)."""

    code = "WF-S235"
    sentence = _("コードを送ったばかりです。届くまで、少しお待ちください。")
    remedy = _("あと{seconds}秒で、新しいコードを送れます。")
    status = 429
