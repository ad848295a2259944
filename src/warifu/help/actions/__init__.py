"""Verbs of the room ヘルプ, by noun."""
