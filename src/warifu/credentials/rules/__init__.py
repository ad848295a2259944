"""Rules of the room 資格: pure, no Django, no clock."""
