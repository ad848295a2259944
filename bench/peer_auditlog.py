"""The peer of bench/trail.py: rows saved a second with django-auditlog writing its entry beside each."""

from __future__ import annotations

import tempfile
import time

import django
from django.conf import settings

FOLDER = tempfile.mkdtemp()
settings.configure(
    INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "auditlog"],
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": f"{FOLDER}/peer.sqlite3",
            "OPTIONS": {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL;"},
        }
    },
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    USE_TZ=True,
)
django.setup()

from auditlog.registry import auditlog  # noqa: E402
from django.contrib.auth.models import Group  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import transaction  # noqa: E402

call_command("migrate", verbosity=0)
auditlog.register(Group)
COUNT = 2_000
started = time.perf_counter()
with transaction.atomic():
    for number in range(COUNT):
        Group.objects.create(name=f"group {number}")
print(COUNT / (time.perf_counter() - started))
