"""The procedures of the room ライセンス (ADR 0014)."""

from __future__ import annotations

from warifu.foundation.procedures import Audience, Deadline, Margin, Procedure, Step
from warifu.foundation.refusals import translatable as _

REGISTRATION = Procedure(
    key="registration",
    title=_("製品の利用者登録"),
    audience=Audience.APPLICANT,
    purpose=_("製品登録番号カードを登録し、ライセンスキーを受け取ります。保守契約の更新も同じ入口です。"),
    prepare=(
        _("製品登録番号カード（電子納品メール、または同梱のカード）"),
        _("会社の名前、電話番号、メールを受け取れる担当者のアドレス"),
        _("更新のときは、前に登録した製品登録番号と、そのときの電話番号"),
    ),
    steps=(
        Step(
            key="begin",
            title=_("番号"),
            what=_("製品登録番号と「登録用の確認番号」を入れます。"),
            screen="entrance:registration.begin",
        ),
        Step(
            key="terms",
            title=_("利用規約"),
            what=_("利用規約を読み、一つずつ印を付けて同意します。"),
            screen="entrance:registration.terms",
        ),
        Step(
            key="company",
            title=_("会社"),
            what=_("会社の情報を入れるか、前の登録から読み込みます。"),
            screen="entrance:registration.company",
        ),
        Step(
            key="support",
            title=_("保守契約"),
            what=_("「保守契約用の確認番号」を入れます。"),
            screen="entrance:registration.support",
        ),
        Step(
            key="review",
            title=_("確認"),
            what=_("内容を確かめて登録します。"),
            screen="entrance:registration.review",
            letter="licence_key_issued",
        ),
    ),
    letters=("licence_key_issued", "support_renewed"),
    deadlines=(
        Deadline(
            what=_("カードの登録"),
            when=_("カードに書いてある登録の期限まで"),
            otherwise=_("販売元に、新しいカードへの引換えを依頼します。"),
        ),
        Deadline(
            what=_("途中までの登録の続き"),
            when=_("始めた日から7日以内、同じブラウザーで"),
            otherwise=_("はじめの画面からやり直します。"),
        ),
    ),
    margins=(
        Margin(
            words=_("確認番号は2種類あります。はじめの画面は「登録用」、4番目の画面は「保守契約用」です。"),
            is_caution=True,
            step="begin",
        ),
    ),
    refusals=(
        "WF-L101",
        "WF-L102",
        "WF-L103",
        "WF-L104",
        "WF-L201",
        "WF-L202",
        "WF-L203",
        "WF-L204",
        "WF-L205",
        "WF-L206",
        "WF-L207",
        "WF-L208",
    ),
    next=_("届いたライセンスキーで、利用開始のお申込みをします。"),
    follows="start_of_use",
)

START_OF_USE = Procedure(
    key="start_of_use",
    title=_("利用開始のお申込み"),
    audience=Audience.ADMINISTRATOR,
    purpose=_("ライセンスキーで、サービスの利用を開始します。"),
    prepare=(
        _("製品登録番号カード"),
        _("「ライセンスキーのお知らせ」のメール"),
        _("電子証明書の発行先にする名前（会社の英字表記など）"),
    ),
    steps=(
        Step(
            key="apply",
            title=_("お申込み"),
            what=_("製品登録番号、ライセンスキー、電子証明書の発行先を入れます。"),
            screen="desk:licences.start",
        ),
        Step(
            key="letter", title=_("メール"), what=_("「導入作業開始のお知らせ」を受け取ります。"), letter="use_started"
        ),
        Step(
            key="password",
            title=_("パスワード"),
            what=_("メールのリンクを開き、自分のパスワードを決めます。"),
            screen="entrance:activation.page",
        ),
    ),
    letters=("use_started",),
    deadlines=(
        Deadline(
            what=_("利用開始のお申込み"), when=_("ライセンスの最後の日まで"), otherwise=_("新しいカードで更新します。")
        ),
    ),
    margins=(
        Margin(
            words=_("複数の会社でご契約のときは、利用者を共有する会社のサービスから始めてください。"), is_caution=True
        ),
    ),
    refusals=("WF-L301", "WF-L302", "WF-L303", "WF-L304", "WF-L305", "WF-L306"),
    next=_("電子証明書を取得し、サービスを開始します。"),
    follows="certificate",
)

RENEWAL = Procedure(
    key="renewal",
    title=_("ライセンスと保守契約の更新"),
    audience=Audience.ADMINISTRATOR,
    purpose=_("新しい製品登録番号カードで、ライセンスと保守契約を同じ期間だけ延ばします。"),
    prepare=(
        _("同じ製品の、新しい製品登録番号カード"),
        _("いまお使いの製品登録番号（「ライセンス・接続情報」で確かめられます）"),
        _("前に登録した電話番号"),
    ),
    steps=(
        Step(
            key="begin",
            title=_("番号"),
            what=_("新しいカードの製品登録番号と「登録用の確認番号」を入れます。"),
            screen="entrance:registration.begin",
        ),
        Step(
            key="terms",
            title=_("利用規約"),
            what=_("利用規約を読み、一つずつ印を付けて同意します。"),
            screen="entrance:registration.terms",
        ),
        Step(
            key="company",
            title=_("読込"),
            what=_("いまの製品登録番号と電話番号で前の登録を読み込み、更新に印を付けます。"),
            screen="entrance:registration.company",
        ),
        Step(
            key="support",
            title=_("保守契約"),
            what=_("「保守契約用の確認番号」を入れます。"),
            screen="entrance:registration.support",
        ),
        Step(
            key="review",
            title=_("確認"),
            what=_("内容を確かめて登録します。"),
            screen="entrance:registration.review",
            letter="support_renewed",
        ),
    ),
    letters=("licence_ending", "licence_ended", "work_stopped", "support_renewed"),
    deadlines=(
        Deadline(
            what=_("更新"),
            when=_("ライセンスの最後の日まで"),
            otherwise=_("30日のあいだは、そのままお使いになれます。"),
        ),
        Deadline(
            what=_("猶予のうちの更新"),
            when=_("ライセンスの最後の日から30日以内"),
            otherwise=_("新しい収集と発行が止まります。番号を見る、消す、書き出すことはできます。更新すると戻ります。"),
        ),
    ),
    margins=(
        Margin(words=_("読み込まずに登録すると、別の新しいライセンスになります。"), is_caution=True, step="company"),
        Margin(words=_("サポートIDとライセンスキーは変わりません。"), step="review"),
    ),
    refusals=("WF-L104", "WF-L207", "WF-L208", "WF-L321"),
    next=_("届いたメールで、新しい最後の日を確かめます。していただくことは、ほかにありません。"),
)

ALL = (REGISTRATION, START_OF_USE, RENEWAL)
