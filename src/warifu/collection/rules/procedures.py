"""The procedures of the room 収集 (ADR 0014)."""

from __future__ import annotations

from warifu.collection.rules.submission import Step as Screen
from warifu.foundation.procedures import Audience, Deadline, Margin, Procedure, Step
from warifu.foundation.refusals import translatable as _

HANDLING = Procedure(
    key="handling",
    title=_("取扱いの定めを整える"),
    audience=Audience.ADMINISTRATOR,
    purpose=_("何のために、だれが、どこで個人番号を扱うかを決めます。決めるまで、番号は集められません。"),
    prepare=(
        _("個人番号を使う手続の一覧（源泉徴収票、社会保険の届出など）"),
        _("責任者と事務取扱担当者になる人の名前"),
        _("番号を扱う場所と、漏えいのときの連絡の順番"),
    ),
    steps=(
        Step(
            key="purposes", title=_("使い道"), what=_("個人番号の利用目的を選びます。"), screen="desk:handling.purposes"
        ),
        Step(
            key="places",
            title=_("ファイルと場所"),
            what=_("ファイルの名前、取扱区域、報告の順番を書きます。"),
            screen="desk:handling.places",
        ),
        Step(
            key="people",
            title=_("責任者と担当者"),
            what=_("責任者を決め、事務取扱担当者を任命します。"),
            screen="desk:handling.people",
        ),
        Step(
            key="review", title=_("見直し"), what=_("内容を確かめて、定めを整えます。"), screen="desk:handling.review"
        ),
    ),
    margins=(
        Margin(words=_("管理者は、任命されなければ番号と画像を見られません。"), step="people"),
        Margin(
            words=_(
                "お知らせしていない利用目的には、番号を使えません。あとから加えると、本人にもう一度お知らせします。"
            ),
            is_caution=True,
            step="purposes",
        ),
    ),
    refusals=("WF-O301", "WF-O302", "WF-O303"),
    next=_("従業員名簿を取り込みます。"),
    follows="roster",
)

ROSTER = Procedure(
    key="roster",
    title=_("名簿を取り込み、入力を依頼する"),
    audience=Audience.ADMINISTRATOR,
    purpose=_("従業員名簿を点検して取り込み、個人番号の入力をメールで依頼します。"),
    prepare=(
        _("従業員名簿（CSV または Excel。メールアドレスと氏名の列）"),
        _("取扱いの定めが整っていること"),
        _("従業員への事前のひとこと（どのアドレスからメールが届くか）"),
    ),
    steps=(
        Step(
            key="upload",
            title=_("ファイルを選ぶ"),
            what=_("名簿のファイルを選んで送ります。まだだれにもメールは行きません。"),
            screen="desk:rosters.upload",
        ),
        Step(
            key="mend",
            title=_("点検して直す"),
            what=_("列の割り当てと、誤りのある行を画面で直します。"),
            screen="desk:rosters.page",
        ),
        Step(
            key="load",
            title=_("取り込む"),
            what=_("加わる人数と変わる内容を確かめて、取り込みます。"),
            screen="desk:rosters.load",
        ),
        Step(
            key="invite",
            title=_("依頼を送る"),
            what=_("相手と文面を確かめて、入力の依頼を送ります。"),
            screen="desk:invitations.page",
            letter="invitation",
        ),
    ),
    letters=("invitation",),
    deadlines=(
        Deadline(what=_("依頼のリンク"), when=_("送ってから14日"), otherwise=_("催促すると、新しいリンクが届きます。")),
        Deadline(what=_("取込みの取消し"), when=_("依頼を送るまで"), otherwise=_("一人ずつ直します。")),
    ),
    margins=(
        Margin(
            words=_("名簿に個人番号を入れないでください。12桁の数字は取り込みません。"), is_caution=True, step="upload"
        ),
        Margin(words=_("メールのない人には、紙か窓口でお願いし、代行入力で登録します。"), step="invite"),
    ),
    refusals=(
        "WF-C103",
        "WF-C104",
        "WF-C108",
        "WF-C113",
        "WF-C117",
        "WF-C119",
        "WF-C203",
        "WF-C204",
        "WF-L321",
        "WF-L322",
    ),
    next=_("提出を待ち、期限を過ぎた人に催促します。"),
    follows="reminder",
)

REMINDER = Procedure(
    key="reminder",
    title=_("催促する"),
    audience=Audience.ADMINISTRATOR,
    purpose=_("期限までに提出のない人に、止まっている理由に合わせて催促します。"),
    prepare=(_("提出の状況を見られる役割（管理者または事務取扱担当者）"),),
    steps=(
        Step(
            key="look",
            title=_("理由を見る"),
            what=_("「提出の状況」で、止まっている理由と次の一手を見ます。"),
            screen="desk:people.listing",
        ),
        Step(
            key="write",
            title=_("文面を確かめる"),
            what=_("選んだ人への催促の文面を確かめます。"),
            screen="desk:invitations.remind",
        ),
        Step(
            key="send",
            title=_("送る"),
            what=_("催促を送ります。同じ人には一日に一度だけ届きます。"),
            screen="desk:invitations.remind_now",
            letter="reminder",
        ),
    ),
    letters=("reminder",),
    deadlines=(
        Deadline(
            what=_("期限超過"),
            when=_("名簿に載せた日から、設定した日数（はじめは3日）"),
            otherwise=_("一覧の上に、赤い印と理由が出ます。"),
        ),
    ),
    margins=(
        Margin(
            words=_("メールが戻った人には催促が届きません。先に宛先を直してください。"), is_caution=True, step="look"
        ),
        Margin(words=_("夜間の時間帯に書いた催促は、朝に送られます。"), step="send"),
    ),
    refusals=("WF-C205", "WF-L321", "WF-L322"),
    next=_("届いた提出の本人確認をします。"),
    follows="verification",
)

VERIFICATION = Procedure(
    key="verification",
    title=_("本人確認"),
    audience=Audience.ADMINISTRATOR,
    purpose=_("届いた番号と書類を見比べ、番号の確認と身元の確認をして「済」にします。"),
    prepare=(
        _("事務取扱担当者としての任命と、二つの確認によるサインイン"),
        _("必要なときは、二人目に確かめる責任者"),
    ),
    steps=(
        Step(
            key="queue", title=_("選ぶ"), what=_("確認を待つ人を、古い順に開きます。"), screen="desk:verification.queue"
        ),
        Step(
            key="look",
            title=_("見比べる"),
            what=_("すべての写真を開き、番号・氏名・生年月日を見比べます。"),
            screen="desk:verification.page",
        ),
        Step(
            key="confirm",
            title=_("済にする"),
            what=_("確かめた項目に印を付けて「済」にします。直すところがあれば差し戻します。"),
            screen="desk:verification.confirm",
            letter="verified",
        ),
    ),
    letters=("verified", "sent_back"),
    margins=(
        Margin(
            words=_("自分の番号と、自分が代わりに入力した人は、自分では済にできません。"),
            is_caution=True,
            step="confirm",
        ),
        Margin(words=_("番号の表示は、一件ずつ記録に残り、本人も見られます。"), step="look"),
    ),
    refusals=(
        "WF-C501",
        "WF-C503",
        "WF-C504",
        "WF-C505",
        "WF-C506",
        "WF-C507",
        "WF-C508",
        "WF-C509",
        "WF-C511",
        "WF-V204",
    ),
    next=_("決めた日数が過ぎると、写真は自動で消えます。番号は、使い道が終わるまで金庫に残ります。"),
)

_WHAT = {
    Screen.PURPOSE: (_("会社が番号を何に使うかを読みます。"), "mypage:submission.purpose"),
    Screen.PERSON: (_("氏名、生年月日、住所を確かめます。"), "mypage:submission.person"),
    Screen.NUMBER: (_("個人番号と、扶養するご家族の番号を入れます。"), "mypage:submission.number"),
    Screen.PICTURES: (_("番号と本人を確かめる書類の写真を撮って送ります。"), "mypage:pictures.listing"),
    Screen.REVIEW: (_("内容を見直して、会社に渡します。"), "mypage:submission.review"),
}

HAND_IN = Procedure(
    key="hand_in",
    title=_("個人番号を会社に渡す"),
    audience=Audience.EMPLOYEE,
    purpose=_("スマートフォンやパソコンから、自分とご家族の個人番号を会社に渡します。5分ほどで終わります。"),
    prepare=(
        _("個人番号カード（なければ、番号の入った住民票と、運転免許証などの本人確認書類）"),
        _("扶養するご家族がいる方は、ご家族の番号がわかるもの"),
        _("会社から届いた「入力の依頼」のメール"),
    ),
    steps=tuple(
        Step(
            key=screen.value,
            title=screen.label,
            what=_WHAT[screen][0],
            screen=_WHAT[screen][1],
            letter="receipt" if screen is Screen.REVIEW else "",
        )
        for screen in Screen
    ),
    letters=("invitation", "reminder", "receipt", "sent_back", "verified"),
    deadlines=(
        Deadline(
            what=_("メールのリンク"),
            when=_("届いてから14日"),
            otherwise=_("サインインの画面の「リンクが切れた」から、新しいリンクを受け取れます。"),
        ),
        Deadline(what=_("提出"), when=_("依頼のメールに書いてある日まで"), otherwise=_("会社から催促が届きます。")),
    ),
    margins=(
        Margin(
            words=_(
                "メールが届かないときは、迷惑メールの中を見て、会社が伝えたアドレスを受信できるように設定してください。"
            )
        ),
        Margin(
            words=_("個人番号をメールやSNSで送らないでください。この画面だけに入れます。"),
            is_caution=True,
            step="number",
        ),
        Margin(words=_("個人番号カードは、表と裏の2枚を撮ります。"), step="pictures"),
        Margin(words=_("番号を出さないこともできます。不利な扱いはありません。")),
    ),
    refusals=(
        "WF-C302",
        "WF-C306",
        "WF-C308",
        "WF-C309",
        "WF-C312",
        "WF-C401",
        "WF-C402",
        "WF-C404",
        "WF-C405",
        "WF-V101",
        "WF-V102",
        "WF-L321",
        "WF-L322",
    ),
    next=_("会社が本人を確かめるのを待ちます。直すところがあれば、メールでお知らせします。"),
)

PROXY_ENTRY = Procedure(
    key="proxy_entry",
    title=_("代わりに入力する"),
    audience=Audience.ADMINISTRATOR,
    purpose=_("自分で入力できない人の番号を、事務取扱担当者が代わりに入力します。"),
    prepare=(
        _("本人から受け取った書類"),
        _("本人に渡す、または読み上げる利用目的のお知らせ"),
    ),
    steps=(
        Step(
            key="begin",
            title=_("理由"),
            what=_("代わりに入力する理由、受け取り方、受け取った日を書きます。"),
            screen="desk:proxy_entry.begin",
        ),
        Step(key="edit", title=_("入力"), what=_("番号、家族、書類を入れます。"), screen="desk:proxy_entry.edit"),
        Step(
            key="submit",
            title=_("提出"),
            what=_("見直して提出します。本人にお知らせが届きます。"),
            screen="desk:proxy_entry.submit",
            letter="entered_for",
        ),
    ),
    letters=("entered_for",),
    margins=(
        Margin(words=_("受け取った紙は、入力が終わったら鍵のかかる所に入れるか、細断してください。"), is_caution=True),
    ),
    refusals=("WF-C315", "WF-C316", "WF-L321"),
    next=_("ほかの担当者が、本人確認をします。"),
    follows="verification",
)

ALL = (HANDLING, ROSTER, REMINDER, VERIFICATION, PROXY_ENTRY, HAND_IN)
