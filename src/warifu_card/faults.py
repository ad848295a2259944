"""What can go wrong with reader, card, PIN and certificate: types with a stable code, a sentence and a remedy.

Codes are grouped by what a person can act on (1xx reader, 2xx wrong card, 4xx PIN and certificate, 5xx what is signed);
`known` names the codes by which people know the same trouble from the マイナポイント application (004-14, 004-15).
"""

from __future__ import annotations

from typing import Any, ClassVar

from warifu_card.words import Words

_HOLD_STILL = Words(
    "カードをケースから出し、金属から離して、読み終わるまで動かさないでください。",
    "Take the card out of its case, keep it away from metal, and do not move it until reading has ended.",
)
_OFFICE = Words(
    "住所地の市区町村の窓口で、暗証番号の初期化(ロック解除)を申し込んでください。",
    "Ask the municipal office where you live to unlock it and to set a new one.",
)


class CardFault(Exception):
    """Something did not work. `values` fill the sentence; no secret and no number is ever among them."""

    code: ClassVar[str] = ""
    known: ClassVar[tuple[str, ...]] = ()
    sentence: ClassVar[Words]
    remedy: ClassVar[Words]

    def __init__(self, **values: Any) -> None:
        self.values = values
        super().__init__(self.code)

    @property
    def words(self) -> tuple[Words, Words]:
        """Sentence and remedy, ready to be shown."""
        return self.sentence.filled(**self.values), self.remedy.filled(**self.values)

    @classmethod
    def catalogue(cls) -> list[type[CardFault]]:
        """Every fault of this module, in the order of the codes."""
        found = [fault for fault in globals().values() if isinstance(fault, type) and issubclass(fault, CardFault)]
        return sorted((fault for fault in found if fault.code), key=lambda fault: fault.code)


class ReaderFault(CardFault):
    """The way to the card failed; the card itself said nothing."""


class ServiceNotRunning(ReaderFault):
    """PC/SC is not running (8010001D)."""

    code = "WF-K101"
    sentence = Words("カードリーダーのサービスが動いていません。", "The smart card service is not running.")
    remedy = Words(
        "パソコンを再起動してください。Linux では pcscd が動いていることを確かめてください。",
        "Restart the computer. On Linux, see that pcscd is running.",
    )


class NoReader(ReaderFault):
    """No reader is connected (8010002E)."""

    code = "WF-K102"
    sentence = Words("カードリーダーが見つかりません。", "No card reader was found.")
    remedy = Words(
        "カードリーダーをつなぎ直し、必要ならドライバーを入れてください。",
        "Connect the reader again, and install its driver if it needs one.",
    )


class NoCard(ReaderFault):
    """No card lies in the reader (8010000C)."""

    code = "WF-K103"
    sentence = Words("カードが置かれていません。", "There is no card in the reader.")
    remedy = Words(
        "マイナンバーカードをリーダーに置いて(差し込んで)から、もう一度お試しください。",
        "Put the My Number Card on (into) the reader and try again.",
    )


class CardRemoved(ReaderFault):
    """The card was lifted while it was being read (80100069)."""

    code = "WF-K104"
    known = ("MKCZ405E", "E0008", "00210026")
    sentence = Words("読み取りの途中でカードが離れました。", "The card was taken away while it was being read.")
    remedy = _HOLD_STILL


class ReaderBusy(ReaderFault):
    """Another program holds the card (8010000B)."""

    code = "WF-K105"
    sentence = Words("ほかのプログラムがカードを使っています。", "Another program is using the card.")
    remedy = Words(
        "カードを使うほかのプログラムを閉じてから、もう一度お試しください。",
        "Close other programs that use the card and try again.",
    )


class CardReset(ReaderFault):
    """Another program reset the card (80100068)."""

    code = "WF-K106"
    sentence = Words("ほかのプログラムがカードをリセットしました。", "Another program has reset the card.")
    remedy = Words(
        "カードを使うほかのプログラムを閉じ、はじめからやり直してください。",
        "Close other programs that use the card and start again.",
    )


class ReaderNotFound(ReaderFault):
    """No reader has the name that was asked for."""

    code = "WF-K107"
    sentence = Words("「{reader}」という名前のリーダーがありません。", "There is no reader called “{reader}”.")
    remedy = Words("リーダーの名前の一覧は `warifu-card readers` で見られます。", "`warifu-card readers` lists them.")


class SeveralCards(ReaderFault):
    """Several readers hold a My Number Card; which one is meant must be said."""

    code = "WF-K108"
    sentence = Words(
        "複数のリーダーにマイナンバーカードがあります: {readers}", "Several readers hold a My Number Card: {readers}"
    )
    remedy = Words(
        "使うカードだけを残すか、--reader でリーダーを選んでください。",
        "Leave only the card that is meant, or choose the reader with --reader.",
    )


class ReaderSupportMissing(ReaderFault):
    """pyscard is not installed."""

    code = "WF-K109"
    sentence = Words("カードリーダーを使う部品(pyscard)がありません。", "The part for readers (pyscard) is missing.")
    remedy = Words("`pip install warifu-card[pcsc]` で入れてください。", "Install it: `pip install warifu-card[pcsc]`.")


class ReadFailed(ReaderFault):
    """The card or the reader gave no usable answer; may be tried again."""

    code = "WF-K110"
    known = ("MKCZ405E", "E0008", "00210026")
    sentence = Words("カードを読み取れませんでした。", "The card could not be read.")
    remedy = _HOLD_STILL


class AnswerLost(ReaderFault):
    """A PIN was sent and no answer came back; the counter that was asked afterwards did not tell. Never retried."""

    code = "WF-K111"
    sentence = Words(
        "暗証番号を送りましたが、カードから返事がありませんでした。",
        "The PIN was sent, but the card gave no answer.",
    )
    remedy = Words(
        "残り回数を確かめてから(`warifu-card tries`)、もう一度お試しください。",
        "See how many tries are left (`warifu-card tries`) before trying again.",
    )


class SimulatorMissing(CardFault):
    """The simulator needs `cryptography`."""

    code = "WF-K112"
    sentence = Words("模擬カードを使う部品(cryptography)がありません。", "The simulator needs `cryptography`.")
    remedy = Words(
        "`pip install warifu-card[simulator]` で入れてください。", "Install it: `pip install warifu-card[simulator]`."
    )


class PersonasUnreadable(CardFault):
    """The file of simulated people cannot be used."""

    code = "WF-K113"
    sentence = Words("模擬カードのファイルを読めません: {reason}", "The file of simulated cards is unusable: {reason}")
    remedy = Words("docs/card/simulator.md の例と比べてください。", "Compare it with docs/card/simulator.md.")


class WrongCard(CardFault):
    """No such application on the card (6A82): not a My Number Card, or a phone without this part."""

    code = "WF-K201"
    sentence = Words("マイナンバーカードではありません。", "This is not a My Number Card.")
    remedy = Words(
        "マイナンバーカードを1枚だけ置いてください。住民基本台帳カードは使えません。",
        "Put one My Number Card on the reader. The former resident register card cannot be used.",
    )


class NoSuchCertificate(CardFault):
    """The certificate is not on the card (EF 0008): children under 15 have no signing certificate."""

    code = "WF-K202"
    sentence = Words("このカードには{which}がありません。", "There is no {which} on this card.")
    remedy = Words(
        "発行を希望しなかったときや15歳未満のときは入っていません。市区町村の窓口で発行できます。",
        "It is absent when it was not wished for or under the age of 15. The municipal office can issue it.",
    )


class NotOnThisCard(CardFault):
    """This card or phone has no such application."""

    code = "WF-K203"
    sentence = Words(
        "このカード(またはスマートフォン)では、この操作はできません。", "This card (or phone) does not offer this."
    )
    remedy = Words("マイナンバーカードそのものを使ってください。", "Use the My Number Card itself.")


class MalformedData(CardFault):
    """What the card gave is not what it should be; card data is hostile input."""

    code = "WF-K204"
    sentence = Words("カードの内容を読み解けませんでした。", "The content of the card could not be understood.")
    remedy = Words(
        "もう一度お試しください。繰り返すときは、カードの点検を市区町村の窓口に申し込んでください。",
        "Try again. If it happens again, have the card checked at the municipal office.",
    )


class NotAuthentic(CardFault):
    """The card's own signature does not match what it says."""

    code = "WF-K205"
    sentence = Words("カードの内容が本物であると確かめられませんでした。", "The card's content is not authentic.")
    remedy = Words("別の本人確認の方法を使ってください。", "Use another way to prove who you are.")


class PinIncorrect(CardFault):
    """Wrong PIN; `tries_left` are left (63Cx)."""

    code = "WF-K401"
    sentence = Words("{pin}が違います。あと{tries_left}回です。", "Wrong {pin}. Tries left: {tries_left}.")
    remedy = Words(
        "番号を確かめてから入れ直してください。続けて間違えるとロックされ、市区町村の窓口での手続が必要になります。",
        "Make sure of it before trying again. Once locked, only the municipal office can unlock it.",
    )

    def __init__(self, tries_left: int, **values: Any) -> None:
        self.tries_left = tries_left
        super().__init__(tries_left=tries_left, **values)


class PinLocked(CardFault):
    """Too many wrong tries (63C0, 6984, 6983)."""

    code = "WF-K402"
    sentence = Words("{pin}がロックされています。", "The {pin} is locked.")
    remedy = _OFFICE


class LastTry(CardFault):
    """One try is left; nothing was sent. Say it again, knowingly, to use it."""

    code = "WF-K403"
    sentence = Words(
        "{pin}を入れられるのは、あと1回です。まだ送っていません。",
        "Only one try of the {pin} is left. Nothing was sent.",
    )
    remedy = Words(
        "間違えるとロックされます。確かなときだけ、もう一度確かめたうえで進めてください。",
        "A mistake locks it. Go on only if you are sure, by saying so once more.",
    )


class PinMalformed(CardFault):
    """The PIN has not the form it must have; nothing was sent, no try was used."""

    code = "WF-K404"
    sentence = Words("{pin}は{form}です。まだ送っていません。", "The {pin} has {form}. Nothing was sent.")
    remedy = Words("入れ直してください。回数は減っていません。", "Enter it again. No try was used.")


class CertificateExpired(CardFault):
    """The certificate's time is over."""

    code = "WF-K405"
    known = ("MKCZ403E",)
    sentence = Words("電子証明書の有効期限が切れています({day})。", "The certificate has expired ({day}).")
    remedy = Words(
        "市区町村の窓口で、電子証明書の更新を申し込んでください。", "Have it renewed at the municipal office."
    )


class CertificateNotYetValid(CardFault):
    """The certificate's time has not begun."""

    code = "WF-K406"
    sentence = Words("電子証明書はまだ有効ではありません({day} から)。", "The certificate is not valid before {day}.")
    remedy = Words("パソコンの日付と時刻を確かめてください。", "Check date and time of the computer.")


class PinRequired(CardFault):
    """The card wants a PIN first (6982), or has forgotten it."""

    code = "WF-K407"
    sentence = Words("先に暗証番号が必要です。", "A PIN is needed first.")
    remedy = Words("はじめからやり直してください。", "Start again.")


class CertificateRevoked(CardFault):
    """The certificate was revoked."""

    code = "WF-K408"
    known = ("MKCZ403E", "EI123-2008", "EI123-2303")
    sentence = Words("電子証明書が失効しています。", "The certificate was revoked.")
    remedy = Words(
        "市区町村の窓口で、電子証明書の発行を申し込んでください。", "Have a new one issued at the municipal office."
    )


class CardRefused(CardFault):
    """The card answered a command with a status word that should not come."""

    code = "WF-K409"
    sentence = Words("カードが操作を受け付けませんでした({status})。", "The card refused ({status}).")
    remedy = Words(
        "カードを置き直し、はじめからやり直してください。", "Put the card on the reader anew and start again."
    )

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(status=f"{status:04X}")


class TokenMalformed(CardFault):
    """What was sent as an answer of a card has not its form."""

    code = "WF-K501"
    sentence = Words("カードの返答の形が正しくありません。", "The card's answer is malformed.")
    remedy = Words("ツールを新しくして、はじめからやり直してください。", "Update the tool and start again.")
