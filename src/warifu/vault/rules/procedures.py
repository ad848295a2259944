"""The procedure of the room 金庫: from the end of need to the certificate of disposal (ADR 0014)."""

from __future__ import annotations

from warifu.foundation.procedures import Audience, Deadline, Margin, Procedure, Step
from warifu.foundation.refusals import translatable as _

DISPOSAL = Procedure(
    key="disposal",
    title=_("番号の保存と廃棄"),
    audience=Audience.ADMINISTRATOR,
    purpose=_("必要の終わった番号を、法律の期間だけ保存し、過ぎたら二人で確かめて消します。"),
    prepare=(
        _("承認する事務取扱担当者と、確認する別の責任者"),
        _("税務調査や訴訟のために残すものがないかの確認"),
    ),
    steps=(
        Step(
            key="leave",
            title=_("必要の終わり"),
            what=_("退職を記録するか、在職のまま必要が終わったことを記録します。保存期限が決まります。"),
            screen="desk:members.page",
        ),
        Step(
            key="approve",
            title=_("承認"),
            what=_("保存期限を過ぎた候補を、事務取扱担当者が承認します。"),
            screen="desk:disposals.listing",
        ),
        Step(
            key="confirm",
            title=_("最後の確認"),
            what=_("責任者がもう一度見て、番号を鍵ごと消すか、差し戻します。"),
            screen="desk:disposals.check",
        ),
        Step(
            key="certificate",
            title=_("証明書"),
            what=_("番号の入っていない証明書を取り出し、保管します。"),
            screen="desk:disposals.certificate",
        ),
    ),
    deadlines=(
        Deadline(
            what=_("廃棄"),
            when=_("廃棄の設定で決めた日まで（はじめは毎月1日）"),
            otherwise=_("期限を過ぎた廃棄として「きょうの仕事」に出ます。"),
        ),
    ),
    margins=(
        Margin(words=_("消した番号は、控えからも、元に戻せません。"), is_caution=True, step="confirm"),
        Margin(words=_("紙や写しで持っているものは、会社で細断してください。"), step="certificate"),
        Margin(words=_("税務調査や訴訟のあいだは、責任者が「保全」で廃棄を止められます。"), step="approve"),
    ),
    refusals=("WF-V303", "WF-V304", "WF-V305", "WF-V307", "WF-V308"),
    next=_("証明書は、監査や検査のときに見せる書類と一緒に残します。"),
)

ALL: tuple[Procedure, ...] = (DISPOSAL,)
