"""Doors for programs: the JSON API, one module per room and version."""
