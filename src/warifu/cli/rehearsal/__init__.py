"""The demo's organisation, acted out through the real verbs."""
