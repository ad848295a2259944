"""The procedures of the room 資格 (ADR 0014)."""

from __future__ import annotations

from warifu.foundation.procedures import Audience, Deadline, Margin, Procedure, Step
from warifu.foundation.refusals import translatable as _

FIRST_PASSWORD = Procedure(
    key="first_password",
    title=_("はじめての設定"),
    audience=Audience.EMPLOYEE,
    purpose=_("メールまたは紙のリンクを開き、自分のパスワードを決めます。"),
    prepare=(_("会社から届いたメール、または渡された紙"), _("自分だけが知っている、長めの言葉")),
    steps=(
        Step(
            key="open",
            title=_("内容を確かめる"),
            what=_("リンクを開き、会社と自分の名前が正しいか確かめます。"),
            screen="entrance:activation.page",
        ),
        Step(
            key="password",
            title=_("パスワードを決める"),
            what=_("自分のパスワードを決めます。そのままサインインします。"),
            screen="entrance:activation.password",
            letter="password_changed",
        ),
    ),
    letters=("activation", "password_changed"),
    deadlines=(
        Deadline(
            what=_("リンク"),
            when=_("メールに書いてある日時まで、一度だけ"),
            otherwise=_("サインインの画面の「リンクが切れた」から、新しいリンクを受け取れます。"),
        ),
    ),
    margins=(
        Margin(
            words=_("名前の違うリンクは、ほかの人のものです。開かずに、会社に知らせてください。"),
            is_caution=True,
            step="open",
        ),
        Margin(words=_("記号や大文字は要りません。覚えられる言葉を長く並べるほうが安全です。"), step="password"),
    ),
    refusals=("WF-S101", "WF-S105", "WF-S106", "WF-S301", "WF-S302"),
    next=_("役割によっては、もう一つの確認（認証アプリかパスキー）を登録します。"),
    follows="second_factor",
)

SECOND_FACTOR = Procedure(
    key="second_factor",
    title=_("認証アプリの登録"),
    audience=Audience.EMPLOYEE,
    purpose=_("パスワードのほかにもう一つの確認を登録し、番号や権限にかかわる画面に入れるようにします。"),
    prepare=(_("スマートフォンと認証アプリ"), _("予備コードを書き留める紙、または安全な保管場所")),
    steps=(
        Step(
            key="prepare",
            title=_("用意する"),
            what=_("スマートフォンに認証アプリを入れます。"),
            screen="entrance:authenticators.add",
        ),
        Step(
            key="register",
            title=_("アプリに登録する"),
            what=_("QRコードを読み、出てきた6桁を入れます。予備コードを控えます。"),
            screen="entrance:authenticators.confirm",
            letter="factor_added",
        ),
    ),
    letters=("factor_added", "factor_revoked"),
    margins=(
        Margin(words=_("パスキーでも同じように確認できます。指紋や顔で済むため、お勧めです。")),
        Margin(
            words=_("予備コードは10個で、一度ずつ使えます。スマートフォンと別の場所に置いてください。"),
            is_caution=True,
            step="register",
        ),
    ),
    refusals=("WF-S221", "WF-S224", "WF-S227"),
    next=_("次のサインインから、6桁のコードも入れます。"),
)

SIGN_IN = Procedure(
    key="sign_in",
    title=_("サービスの開始（サインイン）"),
    audience=Audience.ADMINISTRATOR,
    purpose=_("管理者のアドレスを開き、利用者IDとパスワード、メール確認コードでサービスを始めます。"),
    prepare=(
        _("「導入作業開始のお知らせ」のメール"),
        _("利用者IDと、自分で決めたパスワード"),
        _("メールを受け取れる端末"),
    ),
    steps=(
        Step(
            key="ask",
            title=_("IDとパスワード"),
            what=_("管理者のアドレスを開き、利用者IDとパスワードを入れます。"),
            screen="entrance:signin.ask",
            letter="mail_code",
        ),
        Step(key="code", title=_("確認コード"), what=_("メールで届く6桁の確認コードを入れます。")),
        Step(
            key="begin",
            title=_("開始"),
            what=_("「きょうの仕事」が開きます。二人目からの管理者を登録します。"),
            screen="desk:home.page",
        ),
    ),
    letters=("mail_code",),
    deadlines=(
        Deadline(
            what=_("メール確認コード"),
            when=_("送ってから10分、そのサインインだけ"),
            otherwise=_("新しいコードを送ります。"),
        ),
    ),
    margins=(
        Margin(words=_("メールが届くまで、少し時間がかかることがあります。"), step="code"),
        Margin(words=_("新しいコードを送ると、前のコードは使えません。"), is_caution=True, step="code"),
        Margin(
            words=_(
                "管理者が替わるときは、後任にアドレスを渡してください。「ライセンス・接続情報」でいつでも見られます。"
            ),
            is_caution=True,
        ),
    ),
    refusals=("WF-S201", "WF-S203", "WF-S211", "WF-S231", "WF-S232", "WF-S233", "WF-S234", "WF-S235"),
    next=_("管理者が二人以上のときは、はじめの管理者が、二人目からを登録します。"),
    follows="handling",
)

_CERTIFICATE = (
    _("「導入作業開始のお知らせ」のメール、またはサインインした画面"),
    _("利用者IDとパスワード、メールを受け取れる端末"),
    _("電子証明書を使う、自分のパソコン"),
)
_CLOSE = Margin(words=_("取得が終わったら、電子証明書のサイトのブラウザーをかならず閉じてください。"), is_caution=True)
_KEEP = Margin(words=_("電子証明書のアドレスは、更新のときにまた使います。控えておいてください。"), is_caution=True)
_ENDS = Deadline(
    what=_("電子証明書"),
    when=_("証明書に書いてある日まで"),
    otherwise=_("期限の前から更新できます。お知らせが届きます。"),
)
_CERTIFICATE_REFUSALS = ("WF-S601", "WF-S606", "WF-S607", "WF-S608", "WF-S609", "WF-S660", "WF-S661")

CERTIFICATE = Procedure(
    key="certificate",
    title=_("電子証明書の取得（電子証明書ツール）"),
    audience=Audience.ADMINISTRATOR,
    purpose=_("パソコンに電子証明書を入れます。鍵はパソコンの中だけで作られます。"),
    prepare=_CERTIFICATE,
    steps=(
        Step(
            key="prove",
            title=_("本人の確認"),
            what=_("利用者IDとパスワードでサインインし、メール確認コードを入れます。"),
            screen="entrance:certificates.prove",
        ),
        Step(
            key="tool",
            title=_("ツールの入手"),
            what=_("電子証明書ツールを受け取り、展開して起動します。"),
            screen="entrance:certificates.enrol",
        ),
        Step(
            key="run",
            title=_("取得"),
            what=_("ツールに同じ利用者IDとパスワードを入れ、「新規」または「更新」を選びます。"),
        ),
        Step(key="close", title=_("終了"), what=_("証明書の内容を確かめて、ツールとブラウザーを閉じます。")),
    ),
    letters=("mail_code", "certificate_ending", "certificate_unused"),
    deadlines=(_ENDS,),
    margins=(_CLOSE, _KEEP),
    refusals=_CERTIFICATE_REFUSALS,
    next=_("電子証明書を選んで、サービスにサインインします。"),
    follows="sign_in",
)

CERTIFICATE_FILE = Procedure(
    key="certificate_file",
    title=_("電子証明書の取得（ブラウザー・ファイル）"),
    audience=Audience.ADMINISTRATOR,
    purpose=_("ツールを使えないときに、ブラウザーで鍵を作るか、ファイル（.p12）で受け取ります。"),
    prepare=_CERTIFICATE,
    steps=(
        Step(
            key="decide",
            title=_("内容を決める"),
            what=_("発行先と受け取り方を決めます。"),
            screen="entrance:certificates.enrol",
        ),
        Step(
            key="take",
            title=_("ファイルを受け取る"),
            what=_("ファイルを保存します。パスワードは別のメールで届きます。"),
            screen="entrance:certificates.in_browser",
            letter="certificate_password",
        ),
        Step(key="install", title=_("端末に登録する"), what=_("ファイルを開き、パスワードを入れて端末に登録します。")),
    ),
    letters=("certificate_password", "certificate_ending", "certificate_unused"),
    deadlines=(
        _ENDS,
        Deadline(what=_("ファイルの受取り"), when=_("作った画面で一度だけ"), otherwise=_("はじめから作り直します。")),
    ),
    margins=(
        _CLOSE,
        _KEEP,
        Margin(words=_("登録したら、保存したファイルを消してください。"), is_caution=True, step="install"),
    ),
    refusals=(*_CERTIFICATE_REFUSALS, "WF-S662", "WF-S663"),
    next=_("電子証明書を選んで、サービスにサインインします。"),
    follows="sign_in",
)

FORGOTTEN = Procedure(
    key="forgotten",
    title=_("パスワードを忘れたとき"),
    audience=Audience.EMPLOYEE,
    purpose=_("登録したメールアドレスに届くリンクで、パスワードを決め直します。"),
    prepare=(_("組織コードと、利用者IDまたはメールアドレス"), _("登録したメールを受け取れる端末")),
    steps=(
        Step(
            key="ask",
            title=_("申し出る"),
            what=_("組織コードと利用者IDを入れます。"),
            screen="entrance:forgotten.ask",
            letter="reset",
        ),
        Step(
            key="open", title=_("リンクを開く"), what=_("メールのリンクを開きます。"), screen="entrance:activation.page"
        ),
        Step(
            key="password",
            title=_("決め直す"),
            what=_("新しいパスワードを決めます。"),
            screen="entrance:activation.password",
            letter="password_changed",
        ),
    ),
    letters=("reset", "password_changed"),
    margins=(
        Margin(words=_("登録のあるなしは、画面では答えません。メールが届かないときは、管理者に頼んでください。")),
        Margin(words=_("端末に身に覚えのないお知らせが届いたときは、すぐ管理者に伝えてください。"), is_caution=True),
    ),
    refusals=("WF-S201", "WF-S301", "WF-S302"),
    next=_("新しいパスワードでサインインします。ほかの端末のサインインは終わります。"),
)

RESET = Procedure(
    key="reset",
    title=_("職員のパスワードを再設定する"),
    audience=Audience.OFFICE,
    purpose=_("パスワードを忘れた人に、再設定のリンクを送るか、紙で渡します。"),
    prepare=(_("本人からの申し出と、本人だと確かめる方法"),),
    steps=(
        Step(key="choose", title=_("人を選ぶ"), what=_("再設定する人を選びます。"), screen="desk:resets.listing"),
        Step(
            key="start",
            title=_("始める"),
            what=_("メールで送るか、紙に出します。"),
            screen="desk:resets.page",
            letter="reset",
        ),
        Step(
            key="password",
            title=_("本人が決める"),
            what=_("本人がリンクを開き、パスワードを決めます。"),
            screen="entrance:activation.password",
            letter="password_changed",
        ),
    ),
    letters=("reset", "password_changed"),
    margins=(
        Margin(words=_("だれがだれの再設定を始められるかは「だれが何をできるか」にあります。")),
        Margin(words=_("パスワードを聞いたり、代わりに決めたりしないでください。"), is_caution=True),
    ),
    refusals=("WF-S303", "WF-S720", "WF-S721", "WF-S722"),
    next=_("本人が新しいパスワードでサインインします。"),
)

SELF_RESET = Procedure(
    key="self_reset",
    title=_("所長による再設定"),
    audience=Audience.OFFICE,
    purpose=_("所長が、携帯電話とメールと三つ目の確認で、自分のパスワードを決め直します。"),
    prepare=(
        _("登録しておいた、パスワード再設定用の携帯電話"),
        _("登録したメールを受け取れる端末"),
        _("三つ目の確認（パスキー、認証アプリ、電子証明書、またはほかの管理者の承認）"),
    ),
    steps=(
        Step(
            key="ask",
            title=_("申し出る"),
            what=_("「サインインでお困りの方」から申し出ます。"),
            screen="entrance:self_reset.ask",
            letter="self_reset_link",
        ),
        Step(key="phone", title=_("SMS"), what=_("携帯電話に届く番号を入れます。"), screen="entrance:self_reset.phone"),
        Step(key="mail", title=_("メール"), what=_("メールのリンクを開きます。"), screen="entrance:self_reset.mail"),
        Step(key="third", title=_("三つ目"), what=_("三つ目の確認をします。"), screen="entrance:self_reset.third"),
        Step(
            key="password",
            title=_("決め直す"),
            what=_("新しいパスワードを決めます。"),
            screen="entrance:self_reset.password",
            letter="self_reset_done",
        ),
    ),
    letters=("self_reset_link", "self_reset_way", "self_reset_done"),
    margins=(
        Margin(
            words=_("登録のあるなしは、画面では答えません。何も届かないときは、お問合せ番号を管理者に伝えてください。")
        ),
    ),
    refusals=("WF-S770", "WF-S771", "WF-S773", "WF-S774", "WF-S775", "WF-S776", "WF-S777"),
    next=_("新しいパスワードでサインインします。ほかの管理者にも知らせが届きます。"),
)

MAIL_CHANGE = Procedure(
    key="mail_change",
    title=_("メールアドレスの変更"),
    audience=Audience.EMPLOYEE,
    purpose=_("お知らせの届くメールアドレスを、自分で変えます。"),
    prepare=(_("新しいメールアドレスを受け取れる端末"),),
    steps=(
        Step(
            key="ask",
            title=_("新しいアドレス"),
            what=_("新しいメールアドレスを入れます。"),
            screen="entrance:mail_change.ask",
            letter="new_mail_code",
        ),
        Step(
            key="confirm",
            title=_("確認コード"),
            what=_("新しいアドレスに届いた確認コードを入れます。"),
            screen="entrance:mail_change.confirm",
            letter="own_mail_changed",
        ),
    ),
    letters=("new_mail_code", "own_mail_changed"),
    margins=(Margin(words=_("会社側の役割を持つ人のアドレスは、管理者だけが変えられます。")),),
    refusals=("WF-S251", "WF-S252", "WF-S253", "WF-O207"),
    next=_("前のアドレスにも、変わったことのお知らせが届きます。"),
)

ISSUE_IDS = Procedure(
    key="issue_ids",
    title=_("利用者IDの発行"),
    audience=Audience.OFFICE,
    purpose=_("職員や顧客の利用者IDを、まとめて発行します。"),
    prepare=(_("発行する人が、利用者に登録されていること"), _("IDの付け方の決まり（事務所の名前と職員コードなど）")),
    steps=(
        Step(key="choose", title=_("人を選ぶ"), what=_("発行する人を選びます。"), screen="desk:ids.issue"),
        Step(
            key="decide",
            title=_("IDを決める"),
            what=_("IDの文字とログアウトの時間を決めます。"),
            screen="desk:ids.edit",
        ),
        Step(
            key="review",
            title=_("確かめる"),
            what=_("内容を確かめて発行します。"),
            screen="desk:ids.review",
            letter="id_issued",
        ),
    ),
    letters=("id_issued", "activation"),
    margins=(
        Margin(words=_("一度使ったIDは、二度と使えません。"), is_caution=True, step="decide"),
        Margin(words=_("渡す紙は一度だけ表示されます。"), is_caution=True, step="review"),
    ),
    refusals=("WF-S700", "WF-S701", "WF-S702", "WF-S703", "WF-S720", "WF-L321"),
    next=_("本人がメールのリンク、または渡した紙で、パスワードを決めます。"),
    follows="first_password",
)

DEVICE = Procedure(
    key="device",
    title=_("使える端末の登録"),
    audience=Audience.OFFICE,
    purpose=_("管理者から渡されたリンクで、この端末でIDを使えるようにします。"),
    prepare=(_("登録する端末（ふだん使うブラウザー）"), _("管理者から渡されたリンク")),
    steps=(
        Step(
            key="check",
            title=_("端末を確かめる"),
            what=_("登録する端末でリンクを開き、名前を確かめます。"),
            screen="entrance:access_keys.page",
        ),
        Step(
            key="sign_in", title=_("サインインする"), what=_("そのままサインインします。"), screen="entrance:signin.ask"
        ),
    ),
    margins=(
        Margin(
            words=_("リンクは一度だけ使えます。登録したい端末のブラウザーで開いてください。"),
            is_caution=True,
            step="check",
        ),
    ),
    refusals=("WF-S740", "WF-S741", "WF-S742", "WF-S744", "WF-S745"),
    next=_("この端末では、いつものようにサインインできます。"),
)

HAND_OVER = Procedure(
    key="hand_over",
    title=_("管理者の引継ぎ"),
    audience=Audience.ADMINISTRATOR,
    purpose=_("管理者が替わるときに、権限、端末、電子証明書、連絡先を次の管理者に移します。"),
    prepare=(_("引き受ける人が、利用者に登録されていること"), _("引き受ける人のスマートフォン（二つの確認のため）")),
    steps=(
        Step(
            key="start",
            title=_("相手を選ぶ"),
            what=_("引き受ける人を選んで始めます。"),
            screen="desk:hand_over.start",
            letter="hand_over_news",
        ),
        Step(
            key="walk",
            title=_("順に移す"),
            what=_("画面の順番に、アドレス、権限、端末、電子証明書を移します。"),
            screen="desk:hand_over.page",
        ),
        Step(
            key="finish",
            title=_("終える"),
            what=_("引き受けた人が二つの確認でサインインしたら、終えます。"),
            screen="desk:hand_over.finish",
            letter="hand_over_news",
        ),
    ),
    letters=("hand_over_news",),
    margins=(
        Margin(words=_("アドレスの一覧は紙に出せます。パスワードは書かれていません。"), step="walk"),
        Margin(words=_("前の管理者の電子証明書は、終えるときに失効します。"), is_caution=True, step="finish"),
    ),
    refusals=("WF-S800", "WF-S801", "WF-S802", "WF-S803", "WF-S804", "WF-S805"),
    next=_("引き受けた人が、二人目の管理者を登録します。"),
)

ALL = (
    FIRST_PASSWORD,
    SECOND_FACTOR,
    CERTIFICATE,
    CERTIFICATE_FILE,
    SIGN_IN,
    FORGOTTEN,
    RESET,
    SELF_RESET,
    MAIL_CHANGE,
    ISSUE_IDS,
    DEVICE,
    HAND_OVER,
)
