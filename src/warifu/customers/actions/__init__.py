"""Verbs of the room 顧問先, one module a noun: `customers`, `persons`, `entrustments`, `inquiries`."""
