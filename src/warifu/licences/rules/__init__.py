"""Rules of the room ライセンス: pure, no Django, no clock."""
