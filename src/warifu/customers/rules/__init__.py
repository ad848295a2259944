"""Rules of the room 顧問先: pure, no Django, no clock."""
