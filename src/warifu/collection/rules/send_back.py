"""差戻し: the reasons for which something is sent back, with the days from which and until which each is offered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from warifu.foundation.masking import twelve_digit_runs
from warifu.foundation.refusals import translatable as _

LONGEST_WORDS = 500


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason, worded for the person who has to mend it."""

    code: str
    sentence: str
    since: date | None = None
    until: date | None = None


REASONS: tuple[Reason, ...] = (
    Reason(
        code="blurred", sentence=_("写真がぼやけていて、文字が読めませんでした。明るいところで撮り直してください。")
    ),
    Reason(code="cut_off", sentence=_("書類の端が切れています。四すみが入るように撮り直してください。")),
    Reason(code="glare", sentence=_("光っていて読めないところがあります。角度を少し変えて撮り直してください。")),
    Reason(code="unreadable", sentence=_("写真を開けませんでした。もう一度撮って送ってください。")),
    Reason(code="wrong_paper", sentence=_("選んだ書類と、写真の書類がちがいます。")),
    Reason(
        code="number_differs", sentence=_("入力された番号が、書類の番号と合いませんでした。番号を入れ直してください。")
    ),
    Reason(code="name_differs", sentence=_("氏名が、書類と合いませんでした。")),
    Reason(code="birth_differs", sentence=_("生年月日と住所が、書類と合いませんでした。")),
    Reason(code="expired", sentence=_("書類の有効期限が切れています。期限内の書類を撮ってください。")),
    Reason(code="too_old", sentence=_("発行から6か月をこえた書類です。新しいものを撮ってください。")),
    Reason(code="mask_needed", sentence=_("隠していただく記号や番号が見えています。塗りつぶしてから送ってください。")),
    Reason(code="second_paper", sentence=_("写真のない書類は、種類のちがうものがもう1点いります。")),
    Reason(code="changed_card", sentence=_("通知カードの記載が今と変わっているため、ほかの書類がいります。")),
    Reason(
        code="insurance_card",
        sentence=_("健康保険証は2025年12月1日で使えなくなりました。資格確認書などをお使いください。"),
        since=date(2025, 12, 2),
    ),
    Reason(code="not_number_notice", sentence=_("個人番号通知書は、確認の書類に使えません。")),
    Reason(code="spouse_papers", sentence=_("配偶者の番号には、委任状か、会社からの委託の書面がいります。")),
    Reason(code="other", sentence=_("下のことばをご覧ください。")),
)
"""The list to choose from, what is wrong with the picture first."""

OTHER = "other"


def offered(on: date) -> tuple[Reason, ...]:
    """The reasons that may be chosen on a day."""
    return tuple(
        reason
        for reason in REASONS
        if (reason.since is None or reason.since <= on) and (reason.until is None or on <= reason.until)
    )


def holds_number(words: str) -> bool:
    """Whether the checker's own words hold twelve digits in a row, which must never go by mail (N-06)."""
    return bool(twelve_digit_runs(words))
