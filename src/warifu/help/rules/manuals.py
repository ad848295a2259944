"""The employees' manual: what an organisation chooses, and the words that come of it (000-42, 000-43).

Nothing is claimed of a phone or a carrier that may change: the names of menus are left to the maker's own help.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from enum import Enum
from typing import Any

from warifu.foundation.masking import twelve_digit_runs
from warifu.foundation.refusals import Refused
from warifu.foundation.refusals import translatable as _

Say = Callable[[str], str]
"""From a text of the catalogue to the language of the manual."""


class Phone(Enum):
    """Which phones the manual is for."""

    IPHONE = "iphone"
    ANDROID = "android"

    @property
    def label(self) -> str:
        """The phone's name."""
        return {Phone.IPHONE: _("iPhone"), Phone.ANDROID: _("Android")}[self]


class Carrier(Enum):
    """Whose mail settings the manual explains."""

    DOCOMO = "docomo"
    AU = "au"
    SOFTBANK = "softbank"
    RAKUTEN = "rakuten"
    ONLINE = "online"
    FREE = "free"

    @property
    def label(self) -> str:
        """The carrier's name."""
        return _CARRIERS[self]


_CARRIERS = {
    Carrier.DOCOMO: _("docomo のメール"),
    Carrier.AU: _("au・UQ mobile のメール"),
    Carrier.SOFTBANK: _("SoftBank・Y!mobile のメール"),
    Carrier.RAKUTEN: _("楽天モバイルのメール"),
    Carrier.ONLINE: _("ahamo など、携帯電話会社のメールがない契約"),
    Carrier.FREE: _("Gmail など、会社や契約によらないメール"),
}
_SETTINGS = {
    Carrier.DOCOMO: _(
        "My docomo などの「迷惑メール対策」の設定で、指定して受信する一覧に、上の差出人のアドレスを加えます。"
        "URL付きのメールを拒む設定にしている方は、それも見直してください。"
    ),
    Carrier.AU: _(
        "「迷惑メールフィルター」の設定で、必ず受信する一覧に、上の差出人のアドレスを加えます。"
        "なりすましを拒む強さを高くしている方は、一覧に加えても止まることがあるため、設定を見直してください。"
    ),
    Carrier.SOFTBANK: _(
        "My SoftBank などの「迷惑メール対策」の設定で、受信を許可する一覧に、上の差出人のアドレスを加えます。"
        "URLを含むメールを拒む設定も見直してください。"
    ),
    Carrier.RAKUTEN: _(
        "メールのアプリまたは契約者の画面の迷惑メールの設定で、上の差出人のアドレスを受信する相手に加えます。"
    ),
    Carrier.ONLINE: _(
        "携帯電話会社のメールアドレスがないことがあります。ふだんお使いの Gmail などのアドレスを会社に知らせ、"
        "そのメールの設定を確かめてください。"
    ),
    Carrier.FREE: _(
        "迷惑メールの箱に入っていないか確かめ、入っていたら「迷惑メールではない」を選びます。"
        "上の差出人のアドレスを連絡先に加えると、次から届きやすくなります。"
    ),
}


class Papers(Enum):
    """Which papers the manual asks for first."""

    CARD = "card"
    PAPERS = "papers"
    BOTH = "both"

    @property
    def label(self) -> str:
        """The choice in words."""
        return _PAPERS[self]


_PAPERS = {
    Papers.CARD: _("個人番号カードを使ってもらう"),
    Papers.PAPERS: _("番号入りの住民票などと、身元の書類を使ってもらう"),
    Papers.BOTH: _("どちらでもよい"),
}


class ChoicesUnusable(Refused):
    """The choices hold what looks like a number, or lack a phone."""

    code = "WF-H301"
    sentence = _("マニュアルの内容に、使えないところがあります。")
    remedy = _("端末の種類を1つ以上選び、12桁の続いた数字を入れないでください。")
    status = 422


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What an organisation chooses for its manual."""

    title: str
    sender_name: str
    sender_mail: str
    deadline: str
    contact: str
    message: str = ""
    title_en: str = ""
    deadline_en: str = ""
    contact_en: str = ""
    message_en: str = ""
    papers: Papers = Papers.BOTH
    phones: tuple[Phone, ...] = tuple(Phone)
    carriers: tuple[Carrier, ...] = tuple(Carrier)
    with_family: bool = True
    with_paper_way: bool = True

    def kept(self) -> dict[str, Any]:
        """The choices as JSON values."""
        values = asdict(self)
        return values | {
            "papers": self.papers.value,
            "phones": [phone.value for phone in self.phones],
            "carriers": [carrier.value for carrier in self.carriers],
        }


def read(values: Mapping[str, Any], *, otherwise: Choices) -> Choices:
    """Choices from JSON values; what is missing or unknown is taken from `otherwise`."""
    known = {field.name for field in fields(Choices)}
    found = asdict(otherwise) | {name: value for name, value in values.items() if name in known}
    phones = {phone.value: phone for phone in Phone}
    carriers = {carrier.value: carrier for carrier in Carrier}
    papers = {paper.value: paper for paper in Papers}
    return Choices(
        **found
        | {
            "papers": papers.get(values.get("papers", ""), otherwise.papers),
            "phones": tuple(phones[one] for one in values["phones"] if one in phones)
            if "phones" in values
            else otherwise.phones,
            "carriers": tuple(carriers[one] for one in values["carriers"] if one in carriers)
            if "carriers" in values
            else otherwise.carriers,
        }
    )


def insist_on_choices(*, choices: Choices) -> None:
    """Raise `ChoicesUnusable` when no phone is chosen, or when words look like a number."""
    words = (
        *(choices.title, choices.sender_name, choices.deadline, choices.contact, choices.message),
        *(choices.title_en, choices.deadline_en, choices.contact_en, choices.message_en),
    )
    if not choices.phones or any(twelve_digit_runs(text) for text in words):
        raise ChoicesUnusable


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step with the picture of its screen, by the picture's name ("" for none)."""

    title: str
    words: str
    shot: str = ""


@dataclass(frozen=True, kw_only=True)
class Part:
    """A part of the manual: paragraphs, then a list of points, a table of two columns, or steps with pictures."""

    title: str
    words: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    table: tuple[tuple[str, str], ...] = ()
    heads: tuple[str, str] = ("", "")
    steps: tuple[Step, ...] = ()


def in_english(choices: Choices, *, say: Say) -> Choices:
    """The choices with their English words for their Japanese ones; where none were typed, `say` has a try."""
    return replace(
        choices,
        title=choices.title_en or say(choices.title),
        deadline=choices.deadline_en or say(choices.deadline),
        contact=choices.contact_en or say(choices.contact),
        message=choices.message_en or choices.message,
    )


def parts(choices: Choices, *, organisation_name: str, say: Say = str) -> list[Part]:
    """The whole manual as parts, in the order in which an employee needs them, in the language that `say` speaks."""
    found = [_greeting(choices, organisation_name, say), _prepare(choices, say), _mail(choices, say)]
    found += [_phone(phone, say) for phone in choices.phones]
    found += [_steps(choices, say), _pictures(say)]
    if choices.with_paper_way:
        found.append(
            Part(
                title=say(_("画面で出せないとき")),
                words=(say(_("紙や窓口でも出せます。担当者が代わりに入力し、内容のお知らせがあなたに届きます。")),),
                points=(
                    say(_("窓口で出す: 書類を持って、担当者に見せてください。")),
                    say(
                        _(
                            "郵送で出す: 写しを中の見えない封筒に入れ、追跡できる方法で送ります。"
                            "メールは使わないでください。"
                        )
                    ),
                ),
            )
        )
    return [*found, _cautions(say), _contact(choices, say)]


def _greeting(choices: Choices, organisation_name: str, say: Say) -> Part:
    asks = say(_("{organisation}では、税と社会保険の手続きのため、マイナンバー(個人番号)をお預かりします。"))
    words = [
        asks.format(organisation=organisation_name),
        say(_("スマートフォンで5分ほどです。途中でやめても、続きから始められます。")),
    ]
    if choices.message:
        words.insert(1, choices.message)
    heads = say(_("項目")), say(_("内容"))
    return Part(title=say(_("はじめに")), words=tuple(words), table=_facts(choices, say), heads=heads)


def _facts(choices: Choices, say: Say) -> tuple[tuple[str, str], ...]:
    sender = f"{choices.sender_name} <{choices.sender_mail}>" if choices.sender_mail else choices.sender_name
    return (
        (say(_("提出の期限")), choices.deadline),
        (say(_("メールの差出人")), sender),
        (say(_("問合せ先")), choices.contact),
    )


def _prepare(choices: Choices, say: Say) -> Part:
    points = []
    if choices.papers is not Papers.PAPERS:
        points.append(say(_("個人番号カード(マイナンバーカード)。これ1枚で足ります。表と裏を撮ります。")))
    if choices.papers is not Papers.CARD:
        points.append(
            say(
                _(
                    "カードがないときは、番号の入った住民票の写しと、運転免許証などの身元の書類"
                    "(写真なしなら違う種類を2つ)。"
                )
            )
        )
    if choices.with_family:
        points.append(say(_("扶養する家族がいる方は、家族の番号がわかるもの。写真は、ふつう要りません。")))
    points.append(say(_("個人番号通知書は、番号を確かめる書類には使えません。")))
    return Part(title=say(_("用意するもの")), points=tuple(points))


def _mail(choices: Choices, say: Say) -> Part:
    return Part(
        title=say(_("メールを受け取る設定")),
        words=(
            say(_("案内のメールが迷惑メールとして止まらないよう、先に設定を確かめてください。")),
            say(_("受信する差出人: {sender}")).format(sender=choices.sender_mail or choices.sender_name),
            say(_("画面の名前や場所は変わることがあります。くわしくは、ご契約の会社の案内をご覧ください。")),
        ),
        table=tuple((say(carrier.label), say(_SETTINGS[carrier])) for carrier in choices.carriers),
        heads=(say(_("お使いのメール")), say(_("設定すること"))),
    )


def _phone(phone: Phone, say: Say) -> Part:
    if phone is Phone.IPHONE:
        return Part(
            title=say(_("iPhone をお使いの方")),
            points=(
                say(_("メールのリンクに触れると、Safari などのブラウザーで開きます。")),
                say(
                    _(
                        "「カメラへのアクセス」をたずねられたら「許可」を選びます。"
                        "断ったときは、設定のブラウザーの項目で許可します。"
                    )
                ),
                say(
                    _(
                        "撮ったあと「写真を使用」を押します。"
                        "保存した写真が開けないときは、画面の「写真を撮る」で撮り直します。"
                    )
                ),
            ),
        )
    return Part(
        title=say(_("Android をお使いの方")),
        points=(
            say(_("メールのリンクに触れると、Chrome などのブラウザーで開きます。")),
            say(
                _(
                    "カメラの使用をたずねられたら「許可」を選びます。断ったときは、ブラウザーのサイトの設定で許可します。"
                )
            ),
            say(_("機種によって、撮ったあとの確かめ方(「OK」やチェックの印)が違います。")),
        ),
    )


_OPEN = (
    Step(
        title=_("メールのリンクを開く"),
        words=_("案内のメールのリンクを開き、「はじめる」を押します。"),
        shot="home-phone",
    ),
    Step(title=_("使い道を読む"), words=_("番号を何に使うかを読み、「入力へ進む」を押します。"), shot="purpose-phone"),
    Step(
        title=_("わたしのことを入れる"),
        words=_("氏名、生年月日、住所を、住民票のとおりに入れます。"),
        shot="person-phone",
    ),
    Step(
        title=_("番号を入れる"),
        words=_("12桁の番号を入れます。打ち間違いは、その場でわかります。"),
        shot="number-phone",
    ),
)
_FAMILY = Step(
    title=_("家族を加える"),
    words=_("扶養する家族がいる方は、1人ずつ加えます。家族の書類は、あなたが見て確かめます。"),
)
_SEND = (
    Step(
        title=_("使う書類を選ぶ"),
        words=_("手もとの書類を選びます。要る写真だけをお願いします。"),
        shot="papers-phone",
    ),
    Step(title=_("写真を撮る"), words=_("明るいところで、四隅が入るように撮ります。"), shot="submission-phone"),
    Step(title=_("見直して送る"), words=_("内容を見直し、「会社へ送る」を押します。"), shot="review-phone"),
    Step(
        title=_("控えを見る"),
        words=_("控えの番号が出たら終わりです。確認が終わると、メールが届きます。"),
        shot="receipt-phone",
    ),
)


def _steps(choices: Choices, say: Say) -> Part:
    listed = (*_OPEN, *((_FAMILY,) if choices.with_family else ()), *_SEND)
    told = tuple(Step(title=say(step.title), words=say(step.words), shot=step.shot) for step in listed)
    return Part(
        title=say(_("入力の手順")),
        words=(say(_("画面のいちばん下で「日本語」か「English」を選べます。下の写真は、日本語の画面です。")),),
        steps=told,
    )


def _pictures(say: Say) -> Part:
    return Part(
        title=say(_("写真をきれいに撮るには")),
        points=(
            say(_("模様のない机に平らに置き、真上から撮ります。")),
            say(_("四隅がすべて入るようにします。")),
            say(_("光るときは、電灯の真下からずらします。フラッシュは使いません。")),
            say(_("文字が読めることを確かめてから送ります。")),
        ),
    )


def _cautions(say: Say) -> Part:
    return Part(
        title=say(_("気をつけること")),
        points=(
            say(_("メールのリンクはあなた専用です。ほかの人に渡さないでください。")),
            say(
                _("番号やパスワードを、メールの返信や電話で伝えないでください。会社がそうお願いすることはありません。")
            ),
            say(_("あやしいメールが届いたら、リンクを開かずに、下の問合せ先に連絡してください。")),
            say(_("撮った写真がスマートフォンに残ったときは、送り終わってから消してください。")),
        ),
    )


def _contact(choices: Choices, say: Say) -> Part:
    return Part(
        title=say(_("困ったときは")),
        words=(choices.contact,),
        points=(say(_("期限を過ぎても出せます。あきらめずに連絡してください。")),),
    )
