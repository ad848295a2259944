"""Verbs of the room カード."""
