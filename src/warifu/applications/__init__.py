"""申込: requests with a review, and the IDs that come out of them (002).

So far the room knows its days only (`rules.planner`); drafts, review and allotment come with the tables.
"""
