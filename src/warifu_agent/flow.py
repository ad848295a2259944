"""The story of obtaining a certificate, told once for terminal and window (000-33 … 000-36)."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from warifu_agent import credential, records
from warifu_agent.credential import Credential
from warifu_agent.dialogue import Choice, Dialogue
from warifu_agent.faults import Fault, FileNotWritten, NothingToRenew, Refused, Stopped, StoreRefused, ToolMissing
from warifu_agent.records import Record
from warifu_agent.server import Offer, Renewable, Server, Step
from warifu_agent.stores import Store
from warifu_agent.words import Words

Mode = Literal["", "new", "renew"]
STEPS = 5
TRIES = 3
"""How often somebody may mistype before the program leaves off; the server counts by itself."""

_SIGN_IN = Words("サインイン", "Sign in")
_ORGANISATION = Words("組織コード", "Organisation code")
_IDENTIFIER = Words("利用者ID・メールアドレス・社員番号", "User ID, mail address or employee number")
_PASSWORD = Words("パスワード", "Password")
_CODE_SENT = Words(
    "{mail} に6桁のメール確認コードを送りました。届くまで少し時間がかかることがあります。\n"
    "新しいコードが必要なときは、何も入れずに Enter を押してください。前のコードは使えなくなります。",
    "A code of six digits was mailed to {mail}. It may take a moment to arrive.\n"
    "To have another one mailed, press Enter without typing anything; the one before is dead then.",
)
_CODE = Words("メール確認コード", "Mailed code")
_APP = Words("認証アプリの6桁のコード、または予備コード", "Code of the authenticator app, or a recovery code")
_PASSKEY = Words(
    "このツールではパスキーを使えません。予備コードを入れるか、ブラウザーで電子証明書を取得してください。",
    "Passkeys do not work in this tool. Enter a recovery code, or obtain the certificate in the browser.",
)
_WHAT = Words("処理の選択", "What to do")
_NEW = Words("新規に取得する", "Obtain a new one")
_RENEW = Words("更新する", "Renew one")
_WHICH = Words("更新する電子証明書", "The certificate to renew")
_ONE = Words("{name}(端末 {device}、{until} まで)", "{name} (device {device}, until {until})")
_ABOUT = Words("電子証明書の内容", "What the certificate says")
_ISSUED_TO = Words("発行先の名前", "Name that it is issued to")
_DEVICE = Words("この端末の名前", "Name of this device")
_SURE = Words(
    "組織　　: {organisation}\n利用者　: {person}\n発行先　: {issued_to}\n端末　　: {device}\n"
    "この内容で電子証明書を取得します。",
    "Organisation: {organisation}\nPerson:       {person}\nIssued to:    {issued_to}\nDevice:       {device}\n"
    "A certificate will be obtained with this content.",
)
_GO_ON = Words("取得しますか", "Obtain it")
_PLACE = Words("登録先", "Where to install")
_WHERE = Words("どこに登録しますか", "Where shall it be installed")
_MAKING = Words("このパソコンで鍵を作っています。", "The key is being made on this computer.")
_ELSE = Words(
    "電子証明書は発行されています。鍵が失われないように、別の登録先を選んでください。",
    "The certificate was issued. Choose another place, so that its key is not lost.",
)
_DONE = Words("完了", "Done")
_INSTALLED = Words("電子証明書を登録しました: {place}", "The certificate was installed: {place}")
_CLOSE = Words(
    "電子証明書のサイトを開いているブラウザーは、必ずすべて閉じてください。次に開いたときから、電子証明書が使われます。",
    "Always close every browser in which the site of certificates is open. The certificate is used from then on.",
)
_NEXT = Words("このあと", "Next")
_END = Words("終了", "Finish")
_SHOW = Words("証明書表示", "Show the certificate")
_DETAILS = Words(
    "発行先　　　　: {issued_to}\n発行者　　　　: {issuer}\nシリアル番号　: {serial}\n"
    "有効期間　　　: {since} から {until} まで\n"
    "フィンガープリント(SHA-256): {fingerprint}\n登録先　　　　: {place}",
    "Issued to:    {issued_to}\nIssued by:    {issuer}\nSerial:       {serial}\n"
    "Valid:        from {since} until {until}\n"
    "Fingerprint (SHA-256): {fingerprint}\nInstalled in: {place}",
)


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What was named on the command line already, and need not be asked."""

    mode: Mode = ""
    organisation: str = ""
    identifier: str = ""


def enrol(*, server: Server, dialogue: Dialogue, stores: Sequence[Store], wish: Wish) -> Record:
    """From sign-in to an installed certificate. Raises a `Fault`; the person was told nothing of it yet."""
    dialogue.heading(_SIGN_IN, step=1, of=STEPS)
    token, organisation = _signed_in(server, dialogue, wish)
    offer = server.offer(token=token)
    dialogue.heading(_WHAT, step=2, of=STEPS)
    replaced = _replaced(dialogue, offer, wish.mode)
    dialogue.heading(_ABOUT, step=3, of=STEPS)
    issued_to, device = _content(dialogue, offer, replaced)
    dialogue.heading(_PLACE, step=4, of=STEPS)
    store = _store(dialogue, stores)
    dialogue.tell(_MAKING)
    key = credential.new_key()
    issued = server.certify(
        token=token,
        request=credential.request(key=key, issued_to=issued_to),
        issued_to=issued_to,
        device_name=device,
        replaces=replaced.id if replaced else None,
    )
    own = credential.assembled(key=key, certificate=issued.certificate, chain=issued.chain, name=issued_to)
    store, place = _installed(dialogue, stores, store, own)
    record = Record(
        id=issued.id,
        server=server.address,
        organisation=organisation,
        store=store.kind,
        place=place,
        certificate=issued.certificate,
    )
    records.add(record)
    dialogue.heading(_DONE, step=5, of=STEPS)
    dialogue.tell(_INSTALLED.filled(place=place))
    dialogue.tell(_CLOSE)
    if dialogue.choose(_NEXT, [("end", _END), ("show", _SHOW)], default="end") == "show":
        show(dialogue=dialogue, record=record)
    return record


def show(*, dialogue: Dialogue, record: Record) -> None:
    """証明書表示: what a certificate says and where it lies (000-35)."""
    found = credential.details(record.parsed)
    dialogue.tell(
        _DETAILS.filled(
            issued_to=found.issued_to,
            issuer=found.issuer,
            serial=found.serial,
            since=_day(found.valid_from),
            until=_day(found.valid_until),
            fingerprint=found.fingerprint,
            place=record.place,
        )
    )


def _signed_in(server: Server, dialogue: Dialogue, wish: Wish) -> tuple[str, str]:
    organisation, identifier = wish.organisation, wish.identifier
    for last in (False,) * (TRIES - 1) + (True,):
        organisation = dialogue.ask(_ORGANISATION, default=organisation)
        identifier = dialogue.ask(_IDENTIFIER, default=identifier)
        password = dialogue.ask_secret(_PASSWORD)
        process = server.begin(organisation=organisation, identifier=identifier)
        try:
            step = server.answer(process=process, stage="password", secret=password)
        except Refused as refusal:
            if last or refusal.name != "WF-S203":
                raise
            dialogue.tell_fault(refusal)
        else:
            return _further(server, dialogue, process, step), organisation
    raise Stopped


def _further(server: Server, dialogue: Dialogue, process: str, step: Step) -> str:
    """Answer the stages after the password until there is a token."""
    if step.stage == "second" and step.second == ("passkey",):
        dialogue.tell(_PASSKEY)
    if step.stage == "code":
        dialogue.tell(_CODE_SENT.filled(mail=step.mail))
    misses = 0
    while step.stage != "done":
        typed = dialogue.ask_code(_CODE if step.stage == "code" else _APP)
        try:
            if not typed.strip() and step.stage == "code":
                server.send_code_again(process=process)
                dialogue.tell(_CODE_SENT.filled(mail=step.mail))
                continue
            following = server.answer(process=process, stage=step.stage, secret=typed)
        except Refused as refusal:
            misses += 1
            if misses >= 2 * TRIES or refusal.name in ("WF-S204", "WF-S201"):
                raise
            dialogue.tell_fault(refusal)
        else:
            if following.stage == "code":
                dialogue.tell(_CODE_SENT.filled(mail=following.mail))
            step = following
    return step.token


def _replaced(dialogue: Dialogue, offer: Offer, mode: Mode) -> Renewable | None:
    if mode == "renew" and not offer.renewable:
        raise NothingToRenew
    if not mode and offer.renewable:
        mode = "renew" if dialogue.choose(_WHAT, [("new", _NEW), ("renew", _RENEW)], default="renew") == "renew" else ""
    if mode != "renew":
        return None
    choices: list[Choice] = [
        (one.id, _ONE.filled(name=one.issued_to, device=one.device_name or "-", until=_day(one.valid_until)))
        for one in offer.renewable
    ]
    chosen = dialogue.choose(_WHICH, choices, default=choices[0][0])
    return next(one for one in offer.renewable if one.id == chosen)


def _content(dialogue: Dialogue, offer: Offer, replaced: Renewable | None) -> tuple[str, str]:
    issued_to = dialogue.ask(_ISSUED_TO, default=replaced.issued_to if replaced else offer.issued_to)
    here = replaced.device_name if replaced and replaced.device_name else platform.node()
    device = dialogue.ask(_DEVICE, default=here)
    dialogue.tell(
        _SURE.filled(organisation=offer.organisation_name, person=offer.person_name, issued_to=issued_to, device=device)
    )
    if not dialogue.confirm(_GO_ON):
        raise Stopped
    return issued_to, device


def _store(dialogue: Dialogue, stores: Sequence[Store]) -> Store:
    chosen = dialogue.choose(_WHERE, [(store.kind, store.words) for store in stores], default=stores[0].kind)
    return next(store for store in stores if store.kind == chosen)


def _installed(dialogue: Dialogue, stores: Sequence[Store], store: Store, own: Credential) -> tuple[Store, str]:
    """Install where the person chose; when that fails, ask again, for the key is nowhere else."""
    while True:
        try:
            return store, store.install(own, dialogue)
        except (StoreRefused, ToolMissing, FileNotWritten) as fault:
            _tell_and_stay(dialogue, fault)
            store = _store(dialogue, stores)


def _tell_and_stay(dialogue: Dialogue, fault: Fault) -> None:
    dialogue.tell_fault(fault)
    dialogue.tell(_ELSE)


def _day(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}"


def nothing_here() -> Words:
    """What is said when no certificate was obtained on this computer."""
    return Words(
        "このパソコンで取得した電子証明書は、まだありません。", "No certificate was obtained on this computer yet."
    )
