"""Write docs/operations/settings.md from the settings themselves; `--check` fails when the page is stale."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal, get_args, get_origin

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from warifu.config.environment import Environment

PAGE = Path(__file__).resolve().parent.parent / "docs" / "operations" / "settings.md"

HEAD = """\
# Settings

Made by `tools/settings_table.py` from `src/warifu/config/environment.py`; do not edit by hand.

Each setting is read from the environment variable in the first column, or from a file of the same name in lower case
without `WARIFU_` in the folder that `WARIFU_SECRETS_DIR` names (Docker and systemd secrets). A wrong setting stops the
start with a sentence and exit code 78.

| Variable | Values | Default | Meaning |
|---|---|---|---|
"""


def page() -> str:
    """The whole page."""
    rows = [_row(name, field) for name, field in Environment.model_fields.items()]
    folder = "| `WARIFU_SECRETS_DIR` | text | | folder with secret files, read besides the environment |"
    return HEAD + "\n".join([*rows, folder]) + "\n"


def _row(name: str, field: FieldInfo) -> str:
    cells = (f"`WARIFU_{name.upper()}`", _values(field), _default(field), field.description or "")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _values(field: FieldInfo) -> str:
    kind = field.annotation
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(kind))
    if kind is SecretStr:
        return "secret"
    if kind is int:
        return "number"
    if get_origin(kind) is list:
        return "JSON list"
    if kind is Path or Path in get_args(kind):
        return "path"
    return "text"


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr) or value in (None, "", []):
        return ""
    if isinstance(value, list):
        return "`" + str(value).replace("'", '"') + "`"
    return f"`{value}`"


def main() -> int:
    """Write the page, or with `--check` only compare."""
    wanted = page()
    if "--check" in sys.argv:
        if PAGE.exists() and PAGE.read_text(encoding="utf-8") == wanted:
            return 0
        print("docs/operations/settings.md is stale: run tools/settings_table.py")
        return 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
