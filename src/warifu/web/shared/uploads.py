"""Uploads stay in memory: nothing that a person sends is written to disk before it is sealed (E2)."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler, StopUpload


class MemoryOnlyHandler(MemoryFileUploadHandler):
    """Keeps each file in memory and stops reading one request's files at `LIMIT` bytes in all."""

    LIMIT = 64 * 1024 * 1024

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Called by Django before the first byte."""
        self.activated = True
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Called by Django for each piece."""
        self.received += len(raw_data)
        if self.received > self.LIMIT:
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)
