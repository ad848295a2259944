"""Reads of the room 収集, split by screen."""
