"""差戻し: the reasons for which something is sent back, with the days from which and until which each is offered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from warifu.foundation.masking import twelve_digit_runs
from warifu.foundation.refusals import translatable as _

LONGEST_WORDS = 500


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One reason: a label for the checker, a sentence for the person who has to mend it."""

    code: str
    label: str
    sentence: str
    since: date | None = None
    until: date | None = None


REASONS: tuple[Reason, ...] = (
    Reason(
        code="blurred",
        label=_("ぼやけている"),
        sentence=_("写真がぼやけていて、文字が読めませんでした。明るいところで撮り直してください。"),
    ),
    Reason(
        code="cut_off",
        label=_("端が切れている"),
        sentence=_("書類の端が切れています。四すみが入るように撮り直してください。"),
    ),
    Reason(
        code="glare",
        label=_("光っている"),
        sentence=_("光っていて読めないところがあります。角度を少し変えて撮り直してください。"),
    ),
    Reason(
        code="unreadable",
        label=_("写真を開けない"),
        sentence=_("写真を開けませんでした。もう一度撮って送ってください。"),
    ),
    Reason(code="wrong_paper", label=_("選んだ書類とちがう"), sentence=_("選んだ書類と、写真の書類がちがいます。")),
    Reason(
        code="number_differs",
        label=_("番号が合わない"),
        sentence=_("入力された番号が、書類の番号と合いませんでした。番号を入れ直してください。"),
    ),
    Reason(code="name_differs", label=_("氏名が合わない"), sentence=_("氏名が、書類と合いませんでした。")),
    Reason(
        code="birth_differs",
        label=_("生年月日も住所も合わない"),
        sentence=_("生年月日と住所が、書類と合いませんでした。"),
    ),
    Reason(
        code="expired",
        label=_("期限が切れている"),
        sentence=_("書類の有効期限が切れています。期限内の書類を撮ってください。"),
    ),
    Reason(
        code="too_old",
        label=_("発行から6か月をこえた"),
        sentence=_("発行から6か月をこえた書類です。新しいものを撮ってください。"),
    ),
    Reason(
        code="mask_needed",
        label=_("隠すところが見えている"),
        sentence=_("隠していただく記号や番号が見えています。塗りつぶしてから送ってください。"),
    ),
    Reason(
        code="second_paper", label=_("もう1点いる"), sentence=_("写真のない書類は、種類のちがうものがもう1点いります。")
    ),
    Reason(
        code="changed_card",
        label=_("通知カードの記載が今とちがう"),
        sentence=_("通知カードの記載が今と変わっているため、ほかの書類がいります。"),
    ),
    Reason(
        code="insurance_card",
        label=_("古い健康保険証"),
        sentence=_("健康保険証は2025年12月1日で使えなくなりました。資格確認書などをお使いください。"),
        since=date(2025, 12, 2),
    ),
    Reason(
        code="not_number_notice", label=_("個人番号通知書"), sentence=_("個人番号通知書は、確認の書類に使えません。")
    ),
    Reason(
        code="spouse_papers",
        label=_("委任状・委託の書面がない"),
        sentence=_("配偶者の番号には、委任状か、会社からの委託の書面がいります。"),
    ),
    Reason(code="other", label=_("そのほか（ことばで書く）"), sentence=_("下のことばをご覧ください。")),
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
