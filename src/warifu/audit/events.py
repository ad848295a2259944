"""The one catalogue of events: `room.noun.done`, a class per room, never reused (house rule 3.8-5).

Each event's value is what the trail keeps; its sentence is what the timeline shows. Values named in a sentence come
from the entry; they are never a number, a password or a code.
"""

from __future__ import annotations

from enum import Enum

from warifu.foundation.refusals import translatable as _


class Event(Enum):
    """An event: its permanent name and the sentence of the timeline."""

    def __init__(self, key: str, sentence: str) -> None:
        self.key = key
        self.sentence = sentence


class Trail(Event):
    """What happens to the trail itself."""

    EXPORTED = "audit.trail.exported", _("監査証跡をファイルに書き出しました")


class Organisations(Event):
    """What happens in 組織."""

    CREATED = "organisations.organisation.created", _("組織を作りました")
    CHANGED = "organisations.organisation.changed", _("組織の設定を変えました")
    CALENDAR_CHANGED = "organisations.calendar.changed", _("営業日の例外を変えました")
    SIGN_IN_POLICY_CHANGED = "organisations.sign_in_policy.changed", _("だれが何を示してサインインするかを変えました")
    STANDING_CHANGED = "organisations.standing.changed", _("ライセンスにより、使える範囲が変わりました")
    MEMBER_ADDED = "organisations.member.added", _("利用者を加えました")
    MEMBERS_ADDED = "organisations.members.added", _("利用者をまとめて加えました")
    MEMBERS_REMOVED = "organisations.members.removed", _("まとめて加えた利用者を取り消しました")
    MEMBER_CHANGED = "organisations.member.changed", _("利用者の情報を変えました")
    ROLES_CHANGED = "organisations.member.roles_changed", _("役割を変えました")
    MEMBER_LEFT = "organisations.member.left", _("退職・退出を記録しました")
    PLAN_CHANGED = "organisations.handling_plan.changed", _("取扱いの定めを変えました")
    PLAN_COMPLETED = "organisations.handling_plan.completed", _("取扱いの定めを整えました")
    HANDLER_APPOINTED = "organisations.appointment.made", _("事務取扱担当者を任命しました")
    HANDLER_DISMISSED = "organisations.appointment.ended", _("事務取扱担当者の任を解きました")


class Customers(Event):
    """What happens in 顧問先."""

    ADDED = "customers.customer.added", _("顧問先を加えました")
    CHANGED = "customers.customer.changed", _("顧問先の情報を変えました")
    ENDED = "customers.customer.ended", _("顧問先を終えました")
    EXPORTED = "customers.list.exported", _("顧問先の一覧や履歴を書き出しました")
    CHARGES_SET = "customers.charges.set", _("顧問先の担当を決めました")
    PERSON_ADDED = "customers.person.added", _("顧問先の担当者を加えました")
    PERSON_CHANGED = "customers.person.changed", _("顧問先の担当者の情報を変えました")
    PERSON_ENDED = "customers.person.ended", _("顧問先の担当者を終えました")
    ID_TIED = "customers.person.id_tied", _("顧客IDを顧問先に結び付けました")
    MENUS_SET = "customers.person.menus_set", _("顧客IDのメニューを変えました")
    ENTRUSTMENT_OFFERED = "customers.entrustment.offered", _("委託を申し出ました")
    ENTRUSTMENT_AGREED = "customers.entrustment.agreed", _("委託に同意しました")
    ENTRUSTMENT_DECLINED = "customers.entrustment.declined", _("委託の申し出を断りました")
    ENTRUSTMENT_WITHDRAWN = "customers.entrustment.withdrawn", _("委託の申し出を取り下げました")
    ENTRUSTMENT_ENDED = "customers.entrustment.ended", _("委託を終えました")
    ACTING_BEGUN = "customers.acting.begun", _("委託先の事務所の職員が、代わりの仕事を始めました")
    REPORT_MADE = "customers.entrustment.report_made", _("委託先の監督の記録を作りました")
    INQUIRY_SENT = "customers.inquiry.sent", _("届出・お問い合わせを送りました")
    INQUIRY_TAKEN = "customers.inquiry.taken", _("届出・お問い合わせを受け付けました")
    INQUIRY_CLOSED = "customers.inquiry.closed", _("届出・お問い合わせに答えました")


class Notices(Event):
    """What happens in お知らせ."""

    LETTER_ACCEPTED = "notices.letter.accepted", _("メールが相手のサーバーに届きました")
    LETTER_BOUNCED = "notices.letter.bounced", _("メールが戻りました")
    LETTER_GIVEN_UP = "notices.letter.given_up", _("メールの送信をあきらめました")
    LETTER_UNCERTAIN = "notices.letter.uncertain", _("メールが届いたか確かめられません")
    LETTER_RESENT = "notices.letter.resent", _("メールを送り直しました")
    TEST_SENT = "notices.test_letter.sent", _("テストメールを送りました")
    SMS_ACCEPTED = "notices.text_message.accepted", _("SMSを送りました")
    SMS_REFUSED = "notices.text_message.refused", _("SMSを送れない番号でした")
    SMS_GIVEN_UP = "notices.text_message.given_up", _("SMSの送信をあきらめました")
    TEXT_CHANGED = "notices.text.changed", _("メールの文面を変えました")
    TEXT_RESET = "notices.text.reset", _("メールの文面を標準に戻しました")


class Credentials(Event):
    """What happens in 資格."""

    LINK_SENT = "credentials.activation.sent", _("はじめての設定のリンクを送りました")
    ACTIVATED = "credentials.activation.used", _("はじめての設定を終えました")
    SIGNED_IN = "credentials.signin.succeeded", _("サインインしました")
    SIGN_IN_FAILED = "credentials.signin.failed", _("サインインに失敗しました")
    CODE_SENT = "credentials.mail_code.sent", _("メール確認コードを送りました")
    NOTICE_ISSUED = "credentials.sealed_notice.issued", _("封緘通知を出しました")
    NOTICE_OPENED = "credentials.sealed_notice.opened", _("封緘通知を開きました")
    NOTICE_REDEEMED = "credentials.sealed_notice.redeemed", _("封緘通知のパスワードで、はじめの設定に進みました")
    STEPPED_UP = "credentials.signin.stepped_up", _("もう一つの確認をしました")
    FACTOR_ADDED = "credentials.factor.added", _("確認の方法を登録しました")
    PASSKEY_RENAMED = "credentials.passkey.renamed", _("パスキーの名前を変えました")
    FACTOR_REVOKED = "credentials.factor.revoked", _("確認の方法を止めました")
    FACTOR_REMOVED = "credentials.factor.removed", _("本人を確かめたうえで、なくした確認の方法を止めました")
    RECOVERY_CODES_MADE = "credentials.recovery_codes.made", _("予備コードを作りました")
    RECOVERY_CODE_USED = "credentials.recovery_code.used", _("予備コードを使いました")
    AUTHORITY_MADE = "credentials.authority.made", _("認証局を作りました")
    AUTHORITY_RETIRED = "credentials.authority.retired", _("認証局を新しいものに替えました")
    CERTIFICATE_ISSUED = "credentials.certificate.issued", _("電子証明書を発行しました")
    CERTIFICATE_RENEWED = "credentials.certificate.renewed", _("電子証明書を更新しました")
    CERTIFICATE_REVOKED = "credentials.certificate.revoked", _("電子証明書を失効させました")
    CERTIFICATE_OF_ANOTHER = "credentials.certificate.of_another", _("ほかの人の電子証明書でサインインが試みられました")
    CERTIFICATE_SUPERSEDED = "credentials.certificate.superseded", _("更新前の電子証明書を終えました")
    CERTIFICATES_REMINDED = "credentials.certificates.reminded", _("電子証明書の期限をお知らせしました")
    CERTIFICATES_UNUSED = "credentials.certificates.unused", _("使われていない電子証明書をお知らせしました")
    CERTIFICATES_EXPORTED = "credentials.certificates.exported", _("電子証明書の一覧をファイルに書き出しました")
    SIGNED_IN_AGAIN = "credentials.signin.repeated", _("もう一度サインインしました")
    SIGNED_OUT = "credentials.session.ended", _("サインアウトしました")
    SESSION_TIMED_OUT = "credentials.session.timed_out", _("時間がたったためサインアウトしました")
    PASSWORD_CHANGED = "credentials.password.changed", _("パスワードを変えました")
    RESET_STARTED = "credentials.reset.started", _("パスワードの再設定を始めました")
    PHONE_CONFIRMED = "credentials.reset_phone.confirmed", _("再設定用の携帯電話番号を登録しました")
    PHONE_REMOVED = "credentials.reset_phone.removed", _("再設定用の携帯電話番号を消しました")
    SELF_RESET_SENT = "credentials.self_reset.sent", _("所長の再設定のため、SMSとメールを送りました")
    SELF_RESET_REFUSED = "credentials.self_reset.refused", _("所長の再設定を求められましたが、何も送りませんでした")
    SELF_RESET_STEP = "credentials.self_reset.step_done", _("所長の再設定の確認が一つ進みました")
    SELF_RESET_APPROVED = "credentials.self_reset.approved", _("所長の再設定を承認しました")
    SELF_RESET_USED = "credentials.self_reset.used", _("所長が、自分でパスワードを決め直しました")
    SUPPORT_CODE_READ = "credentials.support_code.read", _("お問合せ番号の事情を調べました")
    HAND_OVER_STARTED = "credentials.hand_over.started", _("管理者の引継ぎを始めました")
    HAND_OVER_STEP = "credentials.hand_over.step_done", _("管理者の引継ぎが一つ進みました")
    HAND_OVER_FINISHED = "credentials.hand_over.finished", _("管理者の引継ぎを終えました")
    HAND_OVER_STOPPED = "credentials.hand_over.stopped", _("管理者の引継ぎをやめました")
    SLIPS_PRINTED = "credentials.recovery_slips.printed", _("再開のための割符を作りました")
    SLIPS_SHOWN = "credentials.recovery_slips.shown", _("再開のための割符がそろって示されました")
    SLIPS_STOPPED = "credentials.recovery_slips.stopped", _("割符による再開を止めました")
    SLIPS_USED = "credentials.recovery_slips.used", _("割符により、管理者を置き直しました")
    SLIPS_REFUSED = "credentials.recovery_slips.refused", _("合わない割符が示されました")
    ID_ISSUED = "credentials.user_id.issued", _("利用者IDを発行しました")
    ID_CHANGED = "credentials.user_id.changed", _("利用者IDを変えました")
    ID_LOGOUT_CHANGED = "credentials.user_id.logout_changed", _("利用者IDのログアウトの時間を変えました")
    ID_ENDED = "credentials.user_id.ended", _("利用者IDの利用を終えました")
    IDS_EXPORTED = "credentials.user_ids.exported", _("利用者IDの一覧をファイルに書き出しました")
    SLIP_SHOWN = "credentials.slip.shown", _("はじめての設定・再設定の紙を一度だけ表示しました")
    DEVICES_RESTRICTED = "credentials.device_restriction.started", _("使える端末を制限しました")
    DEVICES_FREED = "credentials.device_restriction.ended", _("端末の制限をやめました")
    ACCESS_KEY_ISSUED = "credentials.access_key.issued", _("アクセスキーを発行しました")
    ACCESS_KEY_RENAMED = "credentials.access_key.renamed", _("アクセスキーの名前を変えました")
    ACCESS_KEY_BOUND = "credentials.access_key.bound", _("アクセスキーを、端末のパスキーと結び付けました")
    DEVICES_STRENGTHENED = "credentials.device_restriction.strengthened", _("端末のパスキーを求めることにしました")
    DEVICES_SOFTENED = "credentials.device_restriction.softened", _("端末のパスキーを求めるのをやめました")
    DEVICE_REFUSED = "credentials.access_key.missing", _("登録されていない端末からのサインインを断りました")
    THROTTLED = "credentials.attempt.throttled", _("続けて失敗したため、しばらく待ってもらいました")
    ENROLMENT_STARTED = "credentials.enrolment.started", _("電子証明書を取得するためにサインインしました")
    FILE_PREPARED = "credentials.enrolment.file_prepared", _("電子証明書のファイル(.p12)を頼みました")
    FILE_TAKEN = "credentials.enrolment.file_taken", _("電子証明書のファイル(.p12)を作って渡し、鍵を消しました")
    TOKEN_ISSUED = "credentials.token.issued", _("APIトークンを発行しました")
    TOKEN_REVOKED = "credentials.token.revoked", _("APIトークンを止めました")
    PROVIDER_ADDED = "credentials.identity_provider.added", _("外部のID基盤を加えました")
    PROVIDER_ENDED = "credentials.identity_provider.ended", _("外部のID基盤を使うのをやめました")
    SISTER_ADDED = "credentials.sister_service.added", _("姉妹サービスを登録しました")
    SISTER_ENDED = "credentials.sister_service.ended", _("姉妹サービスとの共有をやめました")
    SISTER_TOLD = "credentials.sister_service.told", _("姉妹サービスに利用者の情報を伝えました")
    SISTER_REPLAYED = (
        "credentials.sister_service.replayed",
        _("姉妹サービスの引換えコードが二度使われたため、止めました"),
    )
    SIGNING_KEY_MADE = "credentials.signing_key.made", _("姉妹サービスへの署名の鍵を作りました")
    PROVISIONED = "credentials.provisioned.added", _("外部の人事システムから利用者を登録しました")
    PROVISION_CHANGED = "credentials.provisioned.changed", _("外部の人事システムから利用者の登録を変えました")
    ACCESS_DENIED = "credentials.access.denied", _("権限のない操作を断りました")


class Cards(Event):
    """What happens in カード."""

    ANSWERED = "cards.card.answered", _("マイナンバーカードで確認しました")
    REFUSED = "cards.card.refused", _("マイナンバーカードの確認を断りました")
    BOUND = "cards.binding.made", _("マイナンバーカードをサインインに登録しました")
    ENDED = "cards.binding.ended", _("マイナンバーカードの登録を止めました")
    PULL_STARTED = "cards.pull.started", _("マイナンバーカードの読み取りを始めました")
    STAGE_SET = "cards.mykey_stage.set", _("マイキーIDの受付の日を定めました")
    MYKEY_ISSUED = "cards.mykey.issued", _("マイキーIDを発行しました(予約)")
    MYKEY_CHANGED = "cards.mykey.changed", _("マイキーIDを変えました")
    MYKEY_APPLIED = "cards.mykey.applied", _("マイキーIDで申し込みました")
    MYKEY_ENDED = "cards.mykey.ended", _("マイキーIDを失効させました")


class Vault(Event):
    """What happens in 金庫."""

    SEALED = "vault.number.sealed", _("個人番号を封緘しました")
    REVEALED = "vault.number.revealed", _("個人番号を表示しました")
    USED = "vault.number.used", _("個人番号を使いました")
    DENIED = "vault.number.denied", _("個人番号の利用を断りました")
    NUMBER_DESTROYED = "vault.number.destroyed", _("個人番号を消しました")
    PURPOSES_ADDED = "vault.number.purposes_added", _("個人番号の利用目的を加えました")
    FILE_SEALED = "vault.file.sealed", _("ファイルを封緘しました")
    FILE_DESTROYED = "vault.file.destroyed", _("ファイルを消しました")
    IMAGE_SEALED = "vault.image.sealed", _("画像を封緘しました")
    IMAGE_OPENED = "vault.image.opened", _("画像を開きました")
    IMAGE_DESTROYED = "vault.image.destroyed", _("画像を消しました")
    NEED_ENDED = "vault.keeping.planned", _("個人番号の必要が終わり、保存期限が決まりました")
    PROLONGED = "vault.keeping.prolonged", _("保存期限を延ばしました")
    PROPOSED = "vault.disposal.proposed", _("保存期限を過ぎた番号が、廃棄の候補になりました")
    APPROVED = "vault.disposal.approved", _("廃棄を承認しました")
    APPROVAL_REFUSED = "vault.disposal.sent_back", _("廃棄の承認を差戻しました")
    DISPOSED = "vault.disposal.confirmed", _("廃棄を確認し、実行しました")
    CERTIFIED = "vault.disposal.certified", _("廃棄の証明書を作りました")
    DISPOSALS_EXPORTED = "vault.disposals.exported", _("保存と廃棄の台帳を書き出しました")
    DISPOSAL_POLICY = "vault.disposal_policy.changed", _("廃棄の設定を変えました")
    HOLD_PLACED = "vault.hold.placed", _("保全を始めました(廃棄を止めました)")
    HOLD_LIFTED = "vault.hold.lifted", _("保全を終えました")
    REPLAYED = "vault.disposals.replayed", _("控えから戻したデータで、廃棄をやり直しました")
    KEY_ROTATED = "vault.key.rotated", _("鍵を取り替えました")


class Collection(Event):
    """What happens in 収集."""

    ROSTER_RECEIVED = "collection.roster.received", _("従業員名簿を受け取りました")
    ROSTER_COLUMNS = "collection.roster.columns_chosen", _("従業員名簿の列を選びました")
    ROSTER_DISCARDED = "collection.roster.discarded", _("従業員名簿を使わないことにしました")
    ROSTER_MENDED = "collection.roster.mended", _("従業員名簿の値を直しました")
    ROSTER_LOADED = "collection.roster.loaded", _("従業員名簿を取り込みました")
    ROSTER_UNDONE = "collection.roster.undone", _("従業員名簿の取込みを取り消しました")
    LISTED = "collection.entry.listed", _("収集の対象に加えました")
    ENDED = "collection.entry.ended", _("退職・退出により、収集を終えました")
    LIST_EXPORTED = "collection.entries.exported", _("提出の状況をファイルに書き出しました")
    INVITED = "collection.invitation.sent", _("入力を依頼しました")
    REMINDED = "collection.invitation.reminded", _("催促しました")
    OVERDUE = "collection.invitation.overdue", _("期限を過ぎました")
    READDRESSED = "collection.invitation.readdressed", _("宛先を直して、メールを送り直しました")
    NOTICE_PUBLISHED = "collection.purpose_notice.published", _("利用目的のお知らせを定めました")
    NOTICE_SHOWN = "collection.purpose_notice.shown", _("利用目的をお知らせしました")
    STARTED = "collection.submission.started", _("入力を始めました")
    SAVED = "collection.submission.saved", _("入力を保存しました")
    PICTURE_RECEIVED = "collection.document.received", _("書類の写真を受け取りました")
    PICTURE_UNREADABLE = "collection.document.unreadable", _("書類の写真を読めませんでした")
    TAKEN_OVER = "collection.submission.taken_over", _("本人に代わって入力を始めました")
    SUBMITTED = "collection.submission.submitted", _("提出しました")
    ENTERED_FOR = "collection.submission.entered_for", _("本人に代わって入力しました")
    NOT_PROVIDED = "collection.submission.not_provided", _("提供しないという申し出を記録しました")
    WITHDRAWN = "collection.submission.withdrawn", _("提出を取り下げました")
    LOOKED_AT = "collection.verification.looked_at", _("提出された内容を開きました")
    CHECKED = "collection.verification.checked", _("本人確認をしました(二人目待ち)")
    CARD_READ = "collection.card.read", _("マイナンバーカードの読み取りで提出しました")
    CONFIRMED = "collection.verification.confirmed", _("本人確認を終えました")
    SENT_BACK = "collection.verification.sent_back", _("差戻しました")
    IMAGES_DELETED = "collection.images.deleted", _("保存日数を過ぎた画像を消しました")
    POLICY_CHANGED = "collection.policy.changed", _("収集の設定を変えました")


class Applications(Event):
    """What happens in 申込."""

    STARTED = "applications.application.started", _("申込みの下書きを始めました")
    SAVED = "applications.application.saved", _("申込みの下書きを保存しました")
    SUBMITTED = "applications.application.submitted", _("申し込みました")
    WITHDRAWN = "applications.application.withdrawn", _("申込みを取り下げました")
    TAKEN = "applications.application.taken", _("審査を始めました")
    RELEASED = "applications.application.released", _("審査をほかの人に渡せるように戻しました")
    SENT_BACK = "applications.application.sent_back", _("申込みを差し戻しました")
    HELD = "applications.application.held", _("審査を保留にしました")
    APPROVED = "applications.application.approved", _("申込みを承認しました")
    REJECTED = "applications.application.rejected", _("申込みを承認しませんでした")
    SETTLED = "applications.application.settled", _("システム設定の申込みを受けました")
    VOIDED = "applications.application.voided", _("期限までにシステム設定の申込みがなく、無効になりました")
    ALLOTTED = "applications.user_code.allotted", _("利用者コードと識別番号を割り当てました")
    ENDED = "applications.user_code.ended", _("利用者コードまたは識別番号を終わりにしました")
    SHUT = "applications.user_code.shut", _("終わった利用者IDでのサインインを止めました")
    PLAN_CHOSEN = "applications.plan.chosen", _("料金プランを選びました")
    OPTIONS_CHOSEN = "applications.options.chosen", _("利用者コードの有料項目を選びました")
    PRICE_SET = "applications.price.set", _("料金を定めました")
    CHARGED = "applications.charge.made", _("請求に項目を加えました")
    SCHEME_MADE = "applications.scheme.made", _("ID体系を定めました")
    PAPER_PRINTED = "applications.paper.printed", _("申込みの書面（PDF）を出しました")
    CALENDAR_SHARED = "applications.calendar_link.made", _("申込みの日程の配信を始めました")
    CALENDAR_ENDED = "applications.calendar_link.revoked", _("申込みの日程の配信を止めました")
    TICKED = "applications.tick.made", _("申込みのあとの項目に、済の印を付けました")
    UNTICKED = "applications.tick.removed", _("申込みのあとの項目の、済の印を外しました")


class Licences(Event):
    """What happens in ライセンス."""

    PRODUCT_MADE = "licences.product.made", _("製品を登録しました")
    PRODUCT_ENDED = "licences.product.ended", _("製品を終了しました")
    TERMS_PUBLISHED = "licences.terms.published", _("利用規約の新しい版を公開しました")
    CARDS_MADE = "licences.cards.made", _("製品登録番号カードを作りました")
    CARDS_PRINTED = "licences.cards.printed", _("製品登録番号カードを印刷用に開きました")
    CARDS_EXPORTED = "licences.cards.exported", _("製品登録番号カードの一覧をファイルに書き出しました")
    CARD_SENT = "licences.card.sent", _("製品登録番号カードをメールで届けました")
    CARD_REVOKED = "licences.card.revoked", _("製品登録番号カードを取り消しました")
    CODE_REFUSED = "licences.code.refused", _("合わない登録番号、確認番号またはライセンスキーが示されました")
    REGISTERED = "licences.registration.done", _("製品の利用者登録を受けました")
    SUPPORT_RENEWED = "licences.support.renewed", _("保守契約を更新しました")
    USE_STARTED = "licences.licence.started", _("ライセンスの利用を開始しました")
    LICENCE_REVOKED = "licences.licence.revoked", _("ライセンスを取り消しました")
    REMINDED = "licences.licence.reminded", _("ライセンスまたは保守契約の期限をお知らせしました")


class Help(Event):
    """What happens in ヘルプ."""

    WRITTEN = "help.article.written", _("ヘルプの記事を書きました")
    HANDED_IN = "help.article.handed_in", _("ヘルプの記事の確認を頼みました")
    SENT_BACK = "help.article.sent_back", _("ヘルプの記事を差し戻しました")
    PUBLISHED = "help.article.published", _("ヘルプの記事を公開しました")
    RETIRED = "help.article.retired", _("ヘルプの記事を取り下げました")
    PICTURE_ADDED = "help.picture.added", _("ヘルプの記事に画像を加えました")
    SYNONYMS_CHANGED = "help.synonyms.changed", _("ヘルプの言い換えを変えました")
    QUESTION_SETTLED = "help.question.settled", _("答えのなかった質問に、済みの印を付けました")
    MANUAL_CHOSEN = "help.manual.chosen", _("従業員向けマニュアルの内容を決めました")
    MANUAL_MADE = "help.manual.made", _("従業員向けマニュアルを作りました")


class Folders(Event):
    """What happens in 電子帳簿保存フォルダ."""

    OPENED = "folders.folder.opened", _("電子帳簿保存フォルダを作りました")
    CHANGED = "folders.folder.changed", _("電子帳簿保存フォルダの設定を変えました")
    ENDING = "folders.folder.ending", _("電子帳簿保存フォルダの利用終了を申し出ました")
    END_CANCELLED = "folders.folder.end_cancelled", _("電子帳簿保存フォルダの利用終了を取り消しました")
    ENDED = "folders.folder.ended", _("電子帳簿保存フォルダの利用を終えました")
    HANDED_OVER = "folders.folder.handed_over", _("電子帳簿保存フォルダを別の組織に引き継ぎました")
    TIED = "folders.folder.tied", _("電子帳簿保存フォルダを顧問先と結び付けました")
    KEEPER_NAMED = "folders.keeper.named", _("電子帳簿保存フォルダの保存義務者の組織を決めました")
    KEEPER_CORRECTED = "folders.keeper.corrected", _("電子帳簿保存フォルダの保存義務者の組織を訂正しました")
    ACCESS_GIVEN = "folders.access.given", _("電子帳簿保存フォルダを見られる人を加えました")
    ACCESS_ENDED = "folders.access.ended", _("電子帳簿保存フォルダを見られる人を外しました")
    LINK_MADE = "folders.link.made", _("提出リンクを作りました")
    LINK_ENDED = "folders.link.ended", _("提出リンクを止めました")
    RECEIVED = "folders.record.received", _("電子取引データを受け取りました")
    FILED = "folders.record.filed", _("電子取引データを確かめて保存しました")
    CORRECTED = "folders.record.corrected", _("電子取引データを訂正しました")
    WITHDRAWN = "folders.record.withdrawn", _("電子取引データを取消にしました")
    RESTORED = "folders.record.restored", _("電子取引データの取消を戻しました")
    DISPOSED = "folders.records.disposed", _("保存期間の終わった電子取引データを廃棄しました")
    DELETION_REFUSED = "folders.record.deletion_refused", _("電子取引データの削除を断りました")
    OPENING_WORD_KEPT = "folders.record.opening_word_kept", _("ファイルを開くことばを控えました")
    INFECTED = "folders.record.infected", _("受け取ったファイルにウイルスの疑いがありました")
    EXPORTED = "folders.records.exported", _("電子取引データを書き出しました")
    STAMP_CHECKED = "folders.stamp.checked", _("タイムスタンプを確かめました")
    STAMP_ADDED = "folders.stamp.added", _("タイムスタンプを加えました")
    FAULT_FOUND = "folders.record.fault_found", _("保存したファイルが壊れているか、なくなっています")
    FAULT_GONE = "folders.record.fault_gone", _("保存したファイルが元どおりであることを確かめました")


def sentence_of(key: str) -> str:
    """The sentence of an event by its permanent name; the name itself when the catalogue no longer has it."""
    return _SENTENCES.get(key, key)


_SENTENCES = {event.key: event.sentence for room in Event.__subclasses__() for event in room}
