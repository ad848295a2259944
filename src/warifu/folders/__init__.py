"""電子帳簿保存フォルダ: data of electronic transactions, kept so that an officer can be shown all of it (003-9).

One folder for each customer of an office, or a company's own. What is received is kept as its bytes came, with SHA-256
and the server's time; its fields (date, amount, counterparty …) are suggested by the house and confirmed by a person.
Nothing is deleted: a correction, a withdrawal and a restoration each leave before, after, reason and person. The
customer is the keeper of the records (保存義務者): the folder goes with them to another office.

Folder: OPEN → ENDING → ENDED; ENDING goes back to OPEN until the night. An ended folder takes nothing in and stays
readable, searchable and exportable to the end of keeping.
TransactionRecord: RECEIVED → FILED ⇄ WITHDRAWN; after the end of keeping DISPOSED, which leaves the row.
Upload: OPEN → DONE | GIVEN_UP.

Its secret: nothing is sealed here, on purpose (ADR 0023): an archive for ten years must open without our keys.
"""
