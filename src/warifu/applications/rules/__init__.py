"""Rules of the room 申込: pure, no Django, no clock."""
