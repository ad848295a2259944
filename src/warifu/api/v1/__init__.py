"""Version 1 of the API: organisations' programs with tokens of their own.

The same actions and refusals as the screens, as JSON. No number and no image leaves through it, whatever the token.
"""
