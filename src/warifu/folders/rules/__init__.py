"""Rules of the room 電子帳簿保存フォルダ: fields, searching, keeping, reading what was received."""
