"""Reads of the room ライセンス, by noun."""
