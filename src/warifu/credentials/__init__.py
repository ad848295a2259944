"""資格: how a person proves to be that member.

Activation by a single-use link, password sign-in as a row of stages, sessions that can be listed and ended, one
limiter for every secret that can be guessed, and tokens of the API. Secrets are stored as hashes only; the token
of an activation link is derived from a key when its letter leaves and is in no table.

SignIn (a process object, kept in its table): STARTED → one stage after another → DONE | FAILED | EXPIRED.
Activation: OPEN → USED | REPLACED | EXPIRED.   Session: running → ended (with a reason).
"""
