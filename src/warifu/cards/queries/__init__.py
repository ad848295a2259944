"""Reads of the room カード."""
