"""金庫: the numbers and the keys; the only room with keys.

Each number and each image has a data key of its own, wrapped by its organisation's key, which is wrapped by a master
key from a provider. Only references (UUIDs) leave the room; there is no foreign key from any other room. Every reveal
or use needs a role, a purpose and a recent sign-in, and writes a use record in the same transaction: no record, no
number (P-01, S-03, S-09).

SealedNumber: SEALED → DESTROYED (data key, cipher text and tag are gone, the row and its records stay).
"""
