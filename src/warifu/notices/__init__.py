"""お知らせ: how a letter reaches a person.

A letter is written by `actions.post` inside the transaction of what it tells, and delivered later by the worker, with
retries and back-off. Each kind of letter is a frozen dataclass in `kinds`; none has a field that could hold a number.
A link that lets somebody in is a `LateLink`: it is made when the letter leaves and stands in no table.

Letter: WAITING → SENDING → ACCEPTED | WAITING (try again) | BOUNCED | GIVEN_UP | UNCERTAIN;  WAITING → CANCELLED;
ACCEPTED → BOUNCED (returned by mail);  GIVEN_UP | UNCERTAIN → WAITING (a person sends it again).
"""
