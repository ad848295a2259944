"""顧問先: whom an office serves, what changed about them, and what the office may do for them (003-10 … 003-15).

An office keeps a record of each customer and their persons, with a history that nobody rewrites. A customer that has an
organisation of its own here may entrust the office with named tasks (S-14): offered by the office, agreed by the client
and ended by either with one switch. Numbers stay behind the client's wall, whatever is entrusted.

Entrustment: OFFERED → AGREED | DECLINED | WITHDRAWN; AGREED → ENDED.   Inquiry: OPEN → TAKEN → DONE | REFUSED.
"""
