"""Reads of the room 資格, by noun."""
