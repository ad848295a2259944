"""What can go wrong, each with a code that can be quoted, a sentence and what to do next."""

from __future__ import annotations

from typing import Any, ClassVar

from warifu_agent.words import Words, same


class Fault(Exception):
    """Something did not work; nothing was changed, unless the sentence says so."""

    code: ClassVar[str] = ""
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


class Refused(Fault):
    """The server refused; code and words are its own."""

    def __init__(self, *, code: str, sentence: str, remedy: str) -> None:
        super().__init__()
        self.given = code
        self._words = same(sentence), same(remedy)

    @property
    def name(self) -> str:
        """The server's code."""
        return self.given

    @property
    def words(self) -> tuple[Words, Words]:
        """The server's words; it was asked in the reader's language."""
        return self._words


class Unreachable(Fault):
    """Nobody answers at the address."""

    code = "WF-S690"
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
