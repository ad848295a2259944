"""What can go wrong, each with a code that can be quoted, a sentence and what to do next."""

from __future__ import annotations

from typing import Any, ClassVar

from warifu_agent.words import Words, same
from warifu_card.faults import CardFault


class Fault(Exception):
    """Something did not work; nothing was changed, unless the sentence says so."""

    code: ClassVar[str] = ""
    known: tuple[str, ...] = ()
    """Codes by which people know the same trouble from elsewhere."""
    sentence: ClassVar[Words]
    remedy: ClassVar[Words]

    def __init__(self, **values: Any) -> None:
        self.values = values
        super().__init__(self.code)

    @property
    def name(self) -> str:
        """The code as people quote it."""
        return self.code

    @property
    def words(self) -> tuple[Words, Words]:
        """Sentence and remedy, ready to be shown."""
        return self.sentence.filled(**self.values), self.remedy.filled(**self.values)

    @classmethod
    def catalogue(cls) -> list[type[Fault]]:
        """Every fault of this module that has a code of its own, in the order of the codes."""
        found = [fault for fault in globals().values() if isinstance(fault, type) and issubclass(fault, Fault)]
        return sorted((fault for fault in found if fault.code), key=lambda fault: fault.code)


class Refused(Fault):
    """The server refused; code and words are its own."""

    def __init__(self, *, code: str, sentence: str, remedy: str, known: str = "") -> None:
        super().__init__()
        self.given = code
        self.known = (known,) if known else ()
        self._words = same(sentence), same(remedy)

    @property
    def name(self) -> str:
        """The server's code."""
        return self.given

    @property
    def words(self) -> tuple[Words, Words]:
        """The server's words; it was asked in the reader's language."""
        return self._words


class FromCard(Fault):
    """Card or reader failed; code and words are the card library's."""

    def __init__(self, fault: CardFault) -> None:
        super().__init__()
        self.fault = fault
        self.known = fault.known

    @property
    def name(self) -> str:
        """The library's code."""
        return self.fault.code

    @property
    def words(self) -> tuple[Words, Words]:
        """The library's words."""
        sentence, remedy = self.fault.words
        return Words(sentence.ja, sentence.en), Words(remedy.ja, remedy.en)


class Unreachable(Fault):
    """Nobody answers at the address."""

    code = "WF-S690"
    known = ("MKCZ802E",)
    sentence = Words("サーバーにつながりません: {address}", "The server cannot be reached: {address}")
    remedy = Words(
        "アドレスと、インターネットへの接続を確かめてください。",
        "Check the address and the connection to the network.",
    )


class Untrusted(Fault):
    """The server's certificate is not from somebody whom this computer trusts."""

    code = "WF-S691"
    sentence = Words(
        "サーバーの証明書を確かめられないため、接続をやめました: {address}",
        "The server's certificate could not be verified, so the connection was given up: {address}",
    )
    remedy = Words(
        "アドレスを確かめてください。試験用のサーバーでは、管理者から受け取ったルート証明書を --ca で指定します。",
        "Check the address. For a trial server, name the root certificate from its administrator with --ca.",
    )


class NotWarifu(Fault):
    """Whoever answers does not speak as expected."""

    code = "WF-S692"
    sentence = Words(
        "このアドレスは、電子証明書を発行するサーバーではないようです: {address}",
        "This address does not seem to be a server that issues certificates: {address}",
    )
    remedy = Words(
        "アドレスを確かめてください。正しいときは、このツールを新しいものに取り替えてください。",
        "Check the address. If it is right, replace this tool by a newer one.",
    )


class RootUnreadable(Fault):
    """The root certificate that was named cannot be read."""

    code = "WF-S689"
    sentence = Words("ルート証明書を読めません: {path}", "The root certificate cannot be read: {path}")
    remedy = Words(
        "管理者から受け取ったファイル(PEM)の場所を確かめてください。",
        "Check where the file (PEM) from the administrator lies.",
    )


class Unprotected(Fault):
    """The address is not https, so that a password would travel in the open."""

    code = "WF-S693"
    sentence = Words(
        "https で始まるアドレスにだけ接続します: {address}", "Only addresses with https are used: {address}"
    )
    remedy = Words(
        "メールに書かれたアドレスを、そのまま入れてください。", "Enter the address as it stands in the mail."
    )


class ToolMissing(Fault):
    """The program that writes into a store is not installed."""

    code = "WF-S694"
    sentence = Words(
        "{tool} が見つからないため、登録できません。", "{tool} was not found, so nothing could be installed."
    )
    remedy = Words(
        "Debian や Ubuntu では `sudo apt install libnss3-tools` で入ります。ファイル(.p12)に保存することもできます。",
        "On Debian or Ubuntu, `sudo apt install libnss3-tools` brings it. Saving to a file (.p12) is possible as well.",
    )


class StoreRefused(Fault):
    """The store did not take the certificate."""

    code = "WF-S695"
    sentence = Words("{place} に登録できませんでした。", "{place} did not take the certificate.")
    remedy = Words(
        "ブラウザーをすべて閉じて、もう一度お試しください。ファイル(.p12)に保存することもできます。",
        "Close all browsers and try again. Saving to a file (.p12) is possible as well.",
    )


class FileNotWritten(Fault):
    """The file exists already, or its folder cannot be written to."""

    code = "WF-S696"
    sentence = Words("ファイルに保存できません: {path}", "The file cannot be written: {path}")
    remedy = Words(
        "同じ名前のファイルがないか、書き込める場所かを確かめてください。",
        "Check that no such file exists and that the folder can be written to.",
    )


class NothingToRenew(Fault):
    """There is no certificate that can be renewed now."""

    code = "WF-S697"
    sentence = Words("いま更新できる電子証明書がありません。", "There is no certificate that can be renewed now.")
    remedy = Words(
        "更新できる時期になると、メールでお知らせします。新しく取得するときは「新規」を選んでください。",
        "A mail tells when it can be renewed. Choose “new” to obtain another one.",
    )


class Stopped(Fault):
    """The person stopped."""

    code = "WF-S698"
    sentence = Words("中止しました。", "Stopped.")
    remedy = Words("もう一度はじめるときは、ツールを開き直してください。", "Open the tool again to start anew.")


class KeyDiffers(Fault):
    """The certificate that came back is for another key."""

    code = "WF-S699"
    sentence = Words(
        "サーバーから届いた電子証明書が、このコンピューターの鍵に合いません。",
        "The certificate from the server does not belong to the key of this computer.",
    )
    remedy = Words("管理者に連絡してください。", "Tell the administrator.")


class OriginNotServed(Fault):
    """The site that asks is none of those to which the tool is set."""

    code = "WF-K601"
    sentence = Words(
        "このサイトは、カードを使うサイトとして登録されていません: {origin}",
        "This site is not set up to use the card: {origin}",
    )
    remedy = Words(
        "アドレスを確かめてください。正しいときは、`warifu-agent install --server {origin}` で登録します。",
        "Check the address. If it is right, set it up: `warifu-agent install --server {origin}`.",
    )


class OriginUnprotected(Fault):
    """The site that asks is not https, or has said its origin in a way that browsers do not."""

    code = "WF-K602"
    sentence = Words(
        "https のサイトからだけ、カードを使えます: {origin}", "Only https sites may use the card: {origin}"
    )
    remedy = Words(
        "会社から知らされたアドレスを開き直してください。", "Open the address that your organisation told you."
    )


class AskedBadly(Fault):
    """What came from the browser is no question as agreed: too long, cut off, no JSON, other keys."""

    code = "WF-K603"
    sentence = Words("ブラウザーからの依頼を読み取れません。", "The browser's question cannot be understood.")
    remedy = Words(
        "拡張機能とツールを、同じ版の新しいものに取り替えてください。",
        "Replace extension and tool by newer ones of the same version.",
    )


class CommandUnknown(Fault):
    """The tool does not know the command."""

    code = "WF-K604"
    sentence = Words("ツールにない操作を頼まれました。", "The tool was asked for something that it cannot do.")
    remedy = Words("このツールを新しいものに取り替えてください。", "Replace this tool by a newer one.")


class PurposeUnknown(Fault):
    """The tool does not know the purpose, so it cannot tell the person what would be signed."""

    code = "WF-K605"
    sentence = Words(
        "何のための依頼かを説明できないため、カードを使いませんでした。",
        "The purpose is unknown to the tool, so the card was not used.",
    )
    remedy = Words(
        "このツールを新しいものに取り替えてください。それでも続くときは、管理者に連絡してください。",
        "Replace this tool by a newer one. If it goes on, tell the administrator.",
    )


class NobodyToAsk(Fault):
    """There is neither a window nor a terminal, so nobody can be asked for a PIN."""

    code = "WF-K606"
    sentence = Words("暗証番号を聞く窓を開けません。", "No window can be opened to ask for the PIN.")
    remedy = Words(
        "Debian や Ubuntu では `sudo apt install python3-tk` で入ります。",
        "On Debian or Ubuntu, `sudo apt install python3-tk` brings it.",
    )


class SettingsUnreadable(Fault):
    """The file of the settings is not as it has to be."""

    code = "WF-K607"
    sentence = Words("ツールの設定を読めません: {path}", "The settings of the tool cannot be read: {path}")
    remedy = Words(
        "`warifu-agent install --server …` で登録し直すか、管理者に連絡してください。",
        "Set it up anew with `warifu-agent install --server …`, or tell the administrator.",
    )


class SettingsUnsafe(Fault):
    """Others can change the file of the settings, and with it the sites that may ask."""

    code = "WF-K608"
    sentence = Words(
        "ほかの人が書き換えられる設定は使いません: {path}", "Settings that others can change are not used: {path}"
    )
    remedy = Words(
        "自分(または管理者)だけが書き込めるようにしてください。",
        "Let only yourself (or the administrator) write to it.",
    )


class NoBrowser(Fault):
    """No browser was found, or the one that was named is none of this system."""

    code = "WF-K609"
    sentence = Words("登録できるブラウザーが見つかりません。", "No browser was found.")
    remedy = Words(
        "`--browser chromium`(または chrome、edge、firefox)で選んでください。",
        "Choose it: `--browser chromium` (or chrome, edge, firefox).",
    )


class NotSetUp(Fault):
    """The tool is not set to any installation."""

    code = "WF-K610"
    sentence = Words("このツールは、まだどのサーバーにも登録されていません。", "The tool is not set to any server yet.")
    remedy = Words(
        "会社から知らされたアドレスで `warifu-agent install --server …` を実行してください。",
        "Run `warifu-agent install --server …` with the address that your organisation told you.",
    )


class CallerUnknown(Fault):
    """Whoever started the host is not the extension."""

    code = "WF-K611"
    sentence = Words("登録された拡張機能からの依頼ではありません。", "The question does not come from the extension.")
    remedy = Words(
        "`warifu-agent install` で登録し直してください。", "Set the tool up anew with `warifu-agent install`."
    )


class LiftedTooEarly(Fault):
    """Card first: the card was lifted while the PIN was being typed (004-11)."""

    code = "WF-K612"
    known = ("MKCZ405E",)
    sentence = Words(
        "暗証番号を入れている間に、カードが離れました。", "The card was lifted while the PIN was being typed."
    )
    remedy = Words(
        "回数は減っていません。カードを置き、暗証番号を入れて読み終わるまで、そのままにしてください。",
        "No try was used. Put the card back and leave it there until the PIN is typed and reading has ended.",
    )


class OtherServer(Fault):
    """The server's idea of its origin is another one than that to which the tool is set."""

    code = "WF-K613"
    sentence = Words(
        "サーバーが名乗るアドレス({said})が、登録されたもの({origin})と違うため、カードを使いませんでした。",
        "The server calls itself {said}, but the tool is set to {origin}; the card was not used.",
    )
    remedy = Words("管理者に連絡してください。", "Tell the administrator.")


class CodeMalformed(Fault):
    """The code of the page has another form."""

    code = "WF-K614"
    sentence = Words("画面のコードの形ではありません。", "This is not a code of the page.")
    remedy = Words(
        "画面に出ている8文字(ABCD-EFGH の形)を、そのまま入れてください。",
        "Enter the eight signs of the page (in the form ABCD-EFGH).",
    )


class OutOfTime(Fault):
    """The two minutes are over before the card was read."""

    code = "WF-K615"
    sentence = Words("時間が切れました。カードは使っていません。", "Time is up. The card was not used.")
    remedy = Words("画面に戻り、はじめからやり直してください。", "Go back to the page and start again.")


class ExtensionRenewed(Fault):
    """The extension was replaced while the page was open."""

    code = "WF-K620"
    sentence = Words("拡張機能が新しくなりました。", "The extension was replaced.")
    remedy = Words("画面を読み込み直してから、もう一度お試しください。", "Load the page anew and try again.")


class ExtensionStopped(Fault):
    """The extension ended before there was an answer."""

    code = "WF-K621"
    sentence = Words("拡張機能が途中で止まりました。", "The extension stopped.")
    remedy = Words("もう一度お試しください。", "Try again.")


class ToolNotFound(Fault):
    """The browser finds no tool on this computer that the extension may start."""

    code = "WF-K622"
    sentence = Words(
        "このパソコンにツール(warifu-agent)が見つかりません。",
        "The tool (warifu-agent) was not found on this computer.",
    )
    remedy = Words(
        "ツールを入れ、`warifu-agent install` で登録してから、もう一度お試しください。",
        "Install the tool, set it up with `warifu-agent install`, and try again.",
    )


class ToolStopped(Fault):
    """The tool ended without an answer."""

    code = "WF-K623"
    sentence = Words("ツールが途中で止まりました。", "The tool stopped.")
    remedy = Words(
        "もう一度お試しください。続くときは `warifu-agent install` で登録し直してください。",
        "Try again. If it goes on, set it up anew with `warifu-agent install`.",
    )


class AskedAlready(Fault):
    """The same tab asks a second time while the first question is open."""

    code = "WF-K624"
    sentence = Words("ツールの窓が、もう開いています。", "The tool's window is open already.")
    remedy = Words(
        "その窓で続けるか、窓を閉じてからもう一度お試しください。", "Go on there, or close it and try again."
    )
