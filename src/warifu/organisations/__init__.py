"""組織: who belongs where and may do what.

An organisation is a legal person and the wall between numbers (P-07). A member belongs to exactly one organisation
and may hold several roles; the one table of permissions stands in `rules`. The handling plan (取扱いの定め) names
purposes, responsible person and handlers; until it is complete no number can be collected (P-15, S-02).

Member: ACTIVE → LEFT (leaving is an action; a member is never deleted, the trail points at them).
"""
