"""Standing: how far an organisation may work, by its licence."""

from __future__ import annotations

from enum import Enum

from warifu.foundation.refusals import translatable as _


class Standing(Enum):
    """使える範囲: without a licence of its own an organisation works in full; the room ライセンス alone lowers it."""

    FULL = "full"
    KEEPING = "keeping"
    ENDED = "ended"
    REVOKED = "revoked"

    @property
    def label(self) -> str:
        """The standing's name on screen."""
        return _LABELS[self]

    @property
    def is_over(self) -> bool:
        """Whether nothing new may be begun; what the law asks of those who hold numbers goes on."""
        return self in (Standing.ENDED, Standing.REVOKED)


_LABELS = {
    Standing.FULL: _("収集と保管"),
    Standing.KEEPING: _("保管だけ"),
    Standing.ENDED: _("期限切れ（新しい収集と発行は止まっています）"),
    Standing.REVOKED: _("取消（新しい収集と発行は止まっています）"),
}
