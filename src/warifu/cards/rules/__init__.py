"""Rules of the room カード: what is asked of a card, what its certificate must be, which codes people know."""
