"""Static files under names that carry their hash, so that browsers may keep them for a year."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedNames(CompressedManifestStaticFilesStorage):
    """Hashed names after `collectstatic`, plain names while there is no manifest (tests, first start)."""

    manifest_strict = False
