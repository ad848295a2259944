"""Words that every room shares. Nothing here knows Django, the database or the clock."""
