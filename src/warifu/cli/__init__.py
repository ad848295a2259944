"""Doors for operators: the `warifu` command, the worker and the daily round."""
