"""割符: issue IDs and credentials; collect, verify, keep, use and dispose of My Numbers (個人番号).

Rooms hold the rules, wings face the people, the vault is locked, and a linter walks the corridors;
`ARCHITECTURE.md` has the map.
"""

__version__ = "0.1.0"
