"""Reads of the room ヘルプ, by noun."""
