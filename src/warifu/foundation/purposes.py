"""利用目的: the closed list of purposes for which a 個人番号 may be collected and used (Act 9, P-01, P-02)."""

from __future__ import annotations

from enum import Enum

from warifu.foundation.refusals import translatable as _


class Purpose(Enum):
    """A purpose code. Organisations choose among these and cannot add their own (P-01)."""

    WITHHOLDING_SLIP = "withholding_slip"
    DEPENDENTS_DECLARATION = "dependents_declaration"
    RETIREMENT_INCOME = "retirement_income"
    HEALTH_PENSION = "health_pension"
    THIRD_CATEGORY = "third_category"
    EMPLOYMENT_INSURANCE = "employment_insurance"
    FEE_PAYMENT_RECORD = "fee_payment_record"
    RENT_PAYMENT_RECORD = "rent_payment_record"
    DIVIDEND_PAYMENT_RECORD = "dividend_payment_record"
    PROPERTY_SAVINGS = "property_savings"
    IDENTITY_VERIFICATION = "identity_verification"
    DELETION = "deletion"

    @property
    def label(self) -> str:
        """The Japanese name of the purpose, as the notice to the person prints it."""
        return LABELS[self]


LABELS: dict[Purpose, str] = {
    Purpose.WITHHOLDING_SLIP: _("源泉徴収票・給与支払報告書の作成"),
    Purpose.DEPENDENTS_DECLARATION: _("扶養控除等申告書などの年末調整書類の作成"),
    Purpose.RETIREMENT_INCOME: _("退職所得に関する書類の作成"),
    Purpose.HEALTH_PENSION: _("健康保険・厚生年金保険の届出"),
    Purpose.THIRD_CATEGORY: _("国民年金第3号被保険者の届出"),
    Purpose.EMPLOYMENT_INSURANCE: _("雇用保険の届出"),
    Purpose.FEE_PAYMENT_RECORD: _("報酬・料金等の支払調書の作成"),
    Purpose.RENT_PAYMENT_RECORD: _("不動産の使用料等の支払調書の作成"),
    Purpose.DIVIDEND_PAYMENT_RECORD: _("配当等の支払調書の作成"),
    Purpose.PROPERTY_SAVINGS: _("財形住宅貯蓄・財形年金貯蓄の届出"),
    Purpose.IDENTITY_VERIFICATION: _("本人確認"),
    Purpose.DELETION: _("削除・廃棄"),
}

OWN_WORK = frozenset({Purpose.IDENTITY_VERIFICATION, Purpose.DELETION})
"""Purposes of handling itself: always allowed to handlers, never chosen or announced as a reason to collect."""

CHOOSABLE = tuple(purpose for purpose in Purpose if purpose not in OWN_WORK)
"""What the first-run wizard offers and the purpose notice may list (P-03)."""
