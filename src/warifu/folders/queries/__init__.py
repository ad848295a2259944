"""Reads of the room 電子帳簿保存フォルダ."""
