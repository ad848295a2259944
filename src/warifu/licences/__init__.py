"""ライセンス: which keys are true, what was bought until when, and how a licence becomes a working organisation (000).

The operator makes products, terms and batches of registration cards. A customer registers with the card's number and
two confirmation numbers, gets a licence key and a support ID by mail, and starts use with them.

RegistrationCard: ISSUED → REGISTERED | REVOKED.   Registration: DRAFT → REGISTERED.   Licence: ACTIVE → STARTED |
REVOKED; that it has expired is a fact of its day, no state.
"""
