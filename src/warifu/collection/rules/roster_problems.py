"""What can be the matter with a cell or row of a roster: one catalogue, with codes that stay."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from warifu.foundation.masking import mask_numbers
from warifu.foundation.refusals import translatable as _

ERROR = "error"
WARNING = "warning"

_SHOWN = 120


class Matter(Enum):
    """A kind of problem: its code, its severity, why it matters. An error keeps its row out; a warning does not.

    A warning whose reason ends in 直しました has been applied: its suggestion is the value that is taken.
    """

    NUMBER_INSIDE = (
        "WF-C131",
        ERROR,
        _("12桁の番号が書かれています。個人番号なら、名簿に書かずに本人の画面で集めます。"),
    )
    ROW_TOO_SHORT = "WF-C132", ERROR, _("列が足りません。{width}列のはずが{found}列です。")
    ROW_TOO_LONG = (
        "WF-C133",
        ERROR,
        _("列が多すぎます。{width}列のはずが{found}列です。値の中の区切り文字を確かめてください。"),
    )
    ROW_EMPTY = "WF-C134", ERROR, _("空の行です。この行は取り込みません。")
    HEADER_REPEATED = "WF-C135", ERROR, _("見出しと同じ行です。この行は取り込みません。")
    QUOTE_OPEN = "WF-C136", ERROR, _('引用符「"」が閉じられないまま、ファイルが終わっています。')
    COLUMN_MISSING = "WF-C137", ERROR, _("この名簿には、この列がありません。")
    VALUE_MISSING = "WF-C138", ERROR, _("値が空です。")
    MAIL_MISSING = (
        "WF-C139",
        WARNING,
        _("メールアドレスが空です。依頼のメールは届かないため、書面などで依頼してください。"),
    )
    GIVEN_MISSING = "WF-C140", WARNING, _("名が空です。氏名が一つだけの方なら、このままで構いません。")
    CONTROL = "WF-C141", ERROR, _("目に見えない制御文字（NULなど）が入っています。")
    INVISIBLE = "WF-C142", WARNING, _("目に見えない文字が入っていたため、取り除いて直しました。")
    SPACES = "WF-C143", WARNING, _("余分な空白を取り除いて直しました。")
    FULL_WIDTH = "WF-C144", WARNING, _("全角の英数字・記号を半角に直しました。")
    HALF_KANA = "WF-C145", WARNING, _("半角カナを全角に直しました。")
    HIRAGANA = "WF-C146", WARNING, _("ひらがなをカタカナに直しました。")
    NOT_KANA = "WF-C147", ERROR, _("フリガナにカタカナでない文字が入っています。")
    FORMULA = (
        "WF-C148",
        ERROR,
        _("数式のように始まっています。表計算ソフトで実行されるおそれがあるため、受け付けません。"),
    )
    FORMULA_EMPTY = "WF-C149", ERROR, _("数式のセルですが、計算結果がファイルにありません。値で書いてください。")
    FORMULA_VALUE = "WF-C150", WARNING, _("数式のセルです。計算結果の値を使います。")
    EXCEL_ERROR = "WF-C151", ERROR, _("表計算ソフトのエラー値が入っています。")
    EXCEL_FLOAT = (
        "WF-C152",
        WARNING,
        _("数値になっていたため「.0」を取り除いて直しました。先頭の0が落ちていないか確かめてください。"),
    )
    EXCEL_POWER = "WF-C153", ERROR, _("表計算ソフトが指数の形に変えたため、元の値が失われています。")
    EXCEL_SERIAL = (
        "WF-C154",
        WARNING,
        _("表計算ソフトの日付の通し番号を、日付に直しました。合っているか確かめてください。"),
    )
    ZEROS_LOST = "WF-C155", ERROR, _("先頭の0が落ちているようです。ほかの行は{width}桁でそろっています。")
    ZEROS_DOUBTED = "WF-C156", WARNING, _("ほかの行より桁が少ない値です。先頭の0が落ちていないか確かめてください。")
    PHONE_ZERO = "WF-C157", WARNING, _("電話番号の先頭の0が落ちていたため、補って直しました。")
    PHONE_ODD = "WF-C158", WARNING, _("電話番号の形ではないようです。")
    ERA = "WF-C159", WARNING, _("和暦の日付を西暦に直しました。")
    NOT_A_DAY = "WF-C160", ERROR, _("日付として読めないか、実際にはない日です。")
    DAY_UNLIKELY = "WF-C161", ERROR, _("生年月日としてありえない日です。")
    HIRED_UNLIKELY = "WF-C162", WARNING, _("生年月日からみて、入社日が早すぎます。")
    MAIL_WRONG = "WF-C163", ERROR, _("メールアドレスの形が違います。このままでは依頼のメールが届きません。")
    MAIL_RISKY = "WF-C164", WARNING, _("点が続くか@の直前にあるメールアドレスです。届かないことがあります。")
    MAIL_TWICE = "WF-C165", ERROR, _("{first}行目と同じメールアドレスです。")
    CODE_TWICE = "WF-C166", ERROR, _("{first}行目と同じ社員番号です。")
    TOO_LONG = "WF-C167", ERROR, _("長すぎます。{limit}文字までです。")
    EMPLOYMENT_UNKNOWN = (
        "WF-C168",
        ERROR,
        _("在籍状態として分からない言葉です。在職、内定、休職、退職のどれかで書いてください。"),
    )
    NAME_SPLIT = "WF-C169", WARNING, _("氏名を空白のところで姓と名に分けて直しました。")
    NAME_WHOLE = "WF-C170", ERROR, _("氏名に空白がなく、姓と名に分けられません。")
    NAME_TWO_IN_ONE = "WF-C171", WARNING, _("姓の列に姓と名の両方が入っているようです。書いてあるとおりに残します。")
    NAME_ORDER = "WF-C172", WARNING, _("姓と名が入れ替わっているようです。合っていれば、そのままで構いません。")
    NAME_LOST = "WF-C173", ERROR, _("文字化けした字（？、〓など）が入っています。")
    NAME_SIGN = "WF-C174", WARNING, _("名前にはふつう使わない数字や記号が入っています。")
    NAME_PRIVATE = "WF-C175", WARNING, _("外字が入っています。ほかのコンピュータでは別の字になるか、表示されません。")
    NAME_RARE = "WF-C176", WARNING, _("形の似た字がある、一部の提出先では使えない字です。書いてあるとおりに残します。")
    KNOWN_CHANGED = "WF-C177", WARNING, _("すでに登録されている人です。取り込むと、次の値が変わります。")
    KNOWN_LOOK_ALIKE = "WF-C178", WARNING, _("登録と字の形が違います。取り込むと、書いてあるとおりの字になります。")
    KNOWN_MAIL = "WF-C179", ERROR, _("このメールアドレスは、すでに登録されている別の人が使っています。")
    KNOWN_CODE = "WF-C180", ERROR, _("この社員番号は、すでに登録されている別の人が使っています。")
    KNOWN_LEFT = "WF-C181", ERROR, _("退職・退出した人として登録されています。")
    DASH = "WF-C182", WARNING, _("横線だけの値なので、空として扱うように直しました。")

    def __init__(self, code: str, severity: str, reason: str) -> None:
        self.code = code
        self.severity = severity
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem of one cell (or of a whole row: `column` is empty). `row` counts data rows from 1."""

    row: int
    column: str
    code: str
    severity: str
    value: str
    reason: str
    suggestion: str = ""


def problem(matter: Matter, *, row: int, column: str, value: str, suggestion: str = "", **words: object) -> Problem:
    """A problem in the words of the catalogue; twelve digits are masked wherever they stand (P-11, N-06)."""
    reason = matter.reason.format(**words) if words else matter.reason
    proposed = suggestion if mask_numbers(suggestion) == suggestion else ""
    return Problem(row, column, matter.code, matter.severity, _shown(value), reason, _shown(proposed))


def _shown(text: str) -> str:
    visible = "".join(char for char in text[: 4 * _SHOWN] if char.isprintable() or char == "\u3000")
    masked = mask_numbers(visible)
    return masked if len(masked) <= _SHOWN else masked[: _SHOWN - 1] + "…"
