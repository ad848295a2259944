"""Static files under names that carry their hash, so that browsers may keep them for a year."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedNames(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Hashed names after `collectstatic`, plain names while there is no manifest (tests, first start)."""

    def stored_name(self, name: str) -> str:
        """The hashed name of a file, or its plain name when `collectstatic` has not seen it."""
        hashed = self.hashed_files.get(self.hash_key(name))
        return str(hashed) if hashed else name
