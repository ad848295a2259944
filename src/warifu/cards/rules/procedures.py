"""The procedures of the room カード (ADR 0014)."""

from __future__ import annotations

from warifu.foundation.procedures import Audience, Deadline, Margin, Procedure, Step
from warifu.foundation.refusals import translatable as _

_CARD_AND_READER = (
    _("マイナンバーカード"),
    _("カードを読める機器（カードリーダーとカードのツールを入れたパソコン）"),
    _("利用者証明用電子証明書の暗証番号（数字4桁）"),
)
_LOCKS = Margin(words=_("暗証番号は、3回続けて間違えると止まります。市区町村の窓口で決め直します。"), is_caution=True)
_READING = ("WF-K510", "WF-K511", "WF-K512", "WF-K513", "WF-K514", "WF-K901", "WF-K902", "WF-K903", "WF-K905")

CARD = Procedure(
    key="card",
    title=_("マイナンバーカードをサインインに登録する"),
    audience=Audience.EMPLOYEE,
    purpose=_("カードと4桁の暗証番号で、パスワードなしにサインインできるようにします。"),
    prepare=_CARD_AND_READER,
    steps=(
        Step(
            key="add",
            title=_("登録"),
            what=_("「サインインと安全」からカードの登録を始めます。"),
            screen="entrance:card.add",
        ),
        Step(
            key="read",
            title=_("読み取り"),
            what=_("カードを置き、ツールの窓に暗証番号を入れます。終わるまで、カードを動かしません。"),
        ),
        Step(
            key="use",
            title=_("サインイン"),
            what=_("次からは、カードでサインインします。"),
            screen="entrance:card.sign_in",
        ),
    ),
    letters=("card_ending",),
    margins=(
        _LOCKS,
        Margin(words=_("暗証番号は、この画面ではなく、ツールの窓にだけ入れます。"), is_caution=True, step="read"),
    ),
    refusals=("WF-K301", "WF-K302", "WF-K303", *_READING),
    next=_("カードをなくしたときは、「サインインと安全」で登録を止めます。"),
)

MYKEY = Procedure(
    key="mykey",
    title=_("マイキーIDの予約と発行"),
    audience=Audience.EMPLOYEE,
    purpose=_("マイナンバーカードを一度読み取り、マイキーIDを予約（発行）します。"),
    prepare=_CARD_AND_READER,
    steps=(
        Step(
            key="wait",
            title=_("順番"),
            what=_("読み取りの順番を選び、呼ばれるまで待ちます。"),
            screen="mypage:mykey.page",
        ),
        Step(
            key="read",
            title=_("読み取り"),
            what=_("カードと暗証番号で、カードを読み取ります。"),
            screen="mypage:mykey.ticket",
        ),
        Step(key="issue", title=_("発行"), what=_("内容を確かめて発行します。"), screen="mypage:mykey.issue"),
        Step(key="done", title=_("完了"), what=_("マイキーIDを確かめます。"), screen="mypage:mykey.page"),
    ),
    deadlines=(
        Deadline(
            what=_("読み取り"),
            when=_("呼ばれてから3分以内"),
            otherwise=_("順番が次の方に移ります。もう一度お並びください。"),
        ),
    ),
    margins=(
        Margin(words=_("受付が始まる日時は、画面に出ます。"), step="wait"),
        Margin(
            words=_("暗証番号が先の機器と、カードが先の機器があります。手もとの機器に合わせて選びます。"), step="wait"
        ),
        _LOCKS,
    ),
    refusals=("WF-K304", "WF-K305", "WF-K306", "WF-K307", "WF-K308", "WF-K309", "WF-K310", *_READING),
    next=_("マイキーIDで申し込みます。"),
)

ALL = (CARD, MYKEY)
