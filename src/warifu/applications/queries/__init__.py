"""Reads of the room 申込, by noun."""
