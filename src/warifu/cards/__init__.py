"""カード: a My Number Card at the doors of the house: questions put to it, its answers examined, bindings, MyKey ID.

The room knows no number for longer than one call: what is read from a card is handed to the caller and kept nowhere.
"""
