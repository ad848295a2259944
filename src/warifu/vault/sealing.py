"""How numbers are sealed: only the vault opens this."""
