"""Why a card's answer is not taken: account 3xx, question 51x, what was examined 9xx; reader, card and PIN are the
library's (`warifu_card.faults`). Whoever signs in is told `CardNotAccepted` alone; the trail knows the cause."""

from __future__ import annotations

from typing import ClassVar

from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _


class CardNotAccepted(Refused):
    """The answer did not prove a registered card; which check failed stands in the trail (cards.md 4.3-7)."""

    code = "WF-K510"
    sentence = _("カードで確認できませんでした。")
    remedy = _(
        "もう一度お試しください。カードを「サインインと安全」に登録していないとき、電子証明書の期限が切れたときや失効したときは使えません。ほかの方法でサインインして、カードを登録し直してください。"
    )
    status = 422


class ChallengeOver(Refused):
    """The question is too old, was answered already, or was put to another browser or session."""

    code = "WF-K511"
    sentence = _("時間がたったか、すでに使われたため、カードの確認をやり直してください。")
    remedy = _("ボタンをもう一度押し、2分のうちにカードを置いて暗証番号を入れてください。")
    status = 410


class PullCodeUnknown(Refused):
    """No page shows this code now: it was mistyped, is over, or another program took it."""

    code = "WF-K512"
    sentence = _("このコードは、いま使えません。")
    remedy = _("コードは2分で切れ、一度だけ使えます。画面の「新しいコードを出す」を押し、出たコードを入れてください。")
    status = 404


class WrongParts(Refused):
    """The answer brought other parts than were asked for."""

    code = "WF-K513"
    sentence = _("送られた内容が、求めたものと合いません。")
    remedy = _("割符エージェントを新しくして、画面の新しいコードでやり直してください。")
    status = 422


class CardsNotSetUp(Refused):
    """This installation trusts no issuer of cards yet."""

    code = "WF-K514"
    sentence = _("この割符では、まだマイナンバーカードを使えません。")
    remedy = _("運用者が、信頼する発行者の証明書を WARIFU_CARD_ANCHORS のフォルダーに置くと使えます。")
    status = 409


class CertificateFault(Refused):
    """What all faults of certificate, signature and profile have in common; `known` are the codes people know."""

    known: ClassVar[tuple[str, ...]] = ()
    status = 422


class AnswerUnreadable(CertificateFault):
    """The token, the certificate in it or a file of the card has not its form."""

    code = "WF-K901"
    sentence = _("カードの返答を読み取れませんでした。")
    remedy = _("割符エージェントを新しくして、もう一度はじめからお試しください。")


class IssuerUnknown(CertificateFault):
    """No trusted issuer has signed the certificate, whatever name stands in it."""

    code = "WF-K902"
    known = ("MKCZ403E",)
    sentence = _("この電子証明書の発行者を、確かめられません。")
    remedy = _("マイナンバーカードそのものを使ってください。正しいカードのときは、運用者に知らせてください。")


class CertificateOutOfDate(CertificateFault):
    """The certificate's time is over or has not begun (004-15)."""

    code = "WF-K903"
    known = ("MKCZ403E",)
    sentence = _("利用者証明用電子証明書の有効期間の外です。")
    remedy = _("市区町村の窓口で、電子証明書の更新を申し込んでください。手数料はかかりません。")


class CertificateRevoked(CertificateFault):
    """The configured source says that the certificate was revoked (004-15)."""

    code = "WF-K904"
    known = ("MKCZ403E",)
    sentence = _("利用者証明用電子証明書が失効しています。")
    remedy = _("市区町村の窓口で、電子証明書の発行を申し込んでください。")


class WrongCertificate(CertificateFault):
    """Not a certificate for user authentication of a card: another use, policy, kind of key, or an authority's own."""

    code = "WF-K905"
    sentence = _("カードの「利用者証明用電子証明書」ではありません。")
    remedy = _("数字4桁の暗証番号を使う「利用者証明用」を選んでください。「署名用」は、ここでは使いません。")


class SignatureWrong(CertificateFault):
    """The signature does not fit this question, this site, this purpose, or this certificate."""

    code = "WF-K906"
    sentence = _("カードの署名が、この画面の問いと合いません。")
    remedy = _("アドレスを確かめ、画面の新しいコードでやり直してください。別のサイトの画面からは使えません。")


class StatusUnavailable(CertificateFault):
    """The configured source of revocations does not answer, or cannot be believed (004-13)."""

    code = "WF-K907"
    known = ("MKCZ802E",)
    sentence = _("電子証明書の有効性を、いま確かめられません。")
    remedy = _("通信や混雑のためです。しばらく待ってから、もう一度お試しください。")
    status = 424


class ProfileForged(CertificateFault):
    """The signatures over number and attributes do not fit, or were not made by the card that answered."""

    code = "WF-K908"
    sentence = _("カードの内容が本物であることを確かめられませんでした。")
    remedy = _("カードを置き直してやり直すか、書類の写真で提出してください。")


class AlreadyRegistered(Refused):
    """The card is registered for this very person."""

    code = "WF-K301"
    sentence = _("このカードは、すでに登録されています。")
    remedy = _("そのままサインインに使えます。カードを更新したときは、新しいカードを置いてください。")


class RegisteredForAnother(Refused):
    """The card is registered for somebody else of the organisation."""

    code = "WF-K302"
    sentence = _("このカードは、ほかの方のサインインに登録されています。")
    remedy = _("ご自分のカードを使ってください。心当たりがないときは、会社の管理者に知らせてください。")


class WhichOrganisation(Refused):
    """The card belongs to people of several organisations; the visitor has to say which."""

    code = "WF-K303"
    sentence = _("このカードは、複数の組織で登録されています。")
    remedy = _("組織コードを入れてから、もう一度カードで確認してください。")
    status = 422
