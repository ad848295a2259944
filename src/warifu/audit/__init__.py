"""監査証跡: the append-only trail.

Every change in the house appends one entry in the same transaction; no entry, no change. An entry is authenticated
when it is written, and a single sealer links entries in batches into one hash chain per organisation, so that
writing never waits on one lock. `actions.verify` finds changed, removed, reordered and cut-off entries and names
them. Organisations and actors are kept as plain ids, so that the trail survives whatever it tells of.
"""
