"""What the operator of the journey of 002 does at the terminal: define the scheme of IDs whose next code is 1ANAC.

`python -m tests.journeys.application_scene`; the environment names the installation.
"""

from __future__ import annotations

import django


def make_scheme() -> None:
    """Define the scheme of the seed (002-2, 002-3)."""
    from django.utils import timezone

    from warifu.applications.actions import schemes
    from warifu.foundation.actor import OPERATOR

    schemes.make(
        code="nss",
        name="NACCS",
        code_pattern="1LLLL",
        net_pattern="LDL",
        general_pattern="DDL",
        first_code="1ANAC",
        by=OPERATOR,
        at=timezone.now(),
    )


if __name__ == "__main__":
    django.setup()
    make_scheme()
