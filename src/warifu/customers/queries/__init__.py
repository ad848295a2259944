"""Reads of the room 顧問先: `customers`, `entrustments`, `inquiries`."""
