"""収集: the state of collecting, person by person.

A roster file is received, checked, mended and loaded; each person on it becomes a member and a roster entry. The entry
is invited, hands in a submission (with dependents and documents), and is verified. Numbers and images are known here
by opaque references only; they live in the vault.

Roster: RECEIVED → CHECKING → CHECKED → LOADING → LOADED → UNDONE;  RECEIVED/CHECKED → REFUSED | DISCARDED.
RosterEntry: LISTED → INVITED → STARTED → SUBMITTED → CHECKED (first pair of eyes) → VERIFIED,
  SUBMITTED/CHECKED → SENT_BACK → SUBMITTED;  any before VERIFIED → NOT_PROVIDED → STARTED;
  SUBMITTED → WITHDRAWN → STARTED;  LISTED/INVITED/STARTED → SUBMITTED when entered on behalf;
  any that still has to hand in → ENDED when the person leaves.
Overdue is no state: it is a fact of LISTED, INVITED, STARTED, SENT_BACK and WITHDRAWN after their due day.
Submission: DRAFT → SUBMITTED → VERIFIED | SENT_BACK | WITHDRAWN (a new round is a new row copied from the old).
Document: RECEIVED → READY | UNREADABLE → DELETED.
"""
