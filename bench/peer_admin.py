"""The peer of bench/people.py: Django admin's changelist of the same rows; prints pages a CPU second as JSON.

Run with the database file, the organisation's id in hex, and the number of people.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import django
from django.conf import settings

FILE, ORGANISATION, COUNT = sys.argv[1], sys.argv[2], int(sys.argv[3])
FOLDER = tempfile.mkdtemp()
SQLITE = "django.db.backends.sqlite3"
settings.configure(
    SECRET_KEY="peer-" + "x" * 50,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    LANGUAGE_CODE="ja",
    STATIC_URL="/static/",
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={
        "default": {"ENGINE": SQLITE, "NAME": f"{FOLDER}/peer.sqlite3"},
        "people": {"ENGINE": SQLITE, "NAME": FILE},
    },
    DATABASE_ROUTERS=[f"{__name__}.Router"],
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.contenttypes",
        "django.contrib.auth",
        "django.contrib.sessions",
        "django.contrib.messages",
        "django.contrib.staticfiles",
    ],
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
)


class Router:
    """The people lie in our database, everything else in the peer's own."""

    def db_for_read(self, model: Any, **hints: Any) -> str:
        """Where to read a model."""
        return "people" if model.__name__ in ("Member", "RosterEntry") else "default"


django.setup()

from django.contrib import admin  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import models  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import path  # noqa: E402


class Member(models.Model):
    """A person."""

    id = models.UUIDField(primary_key=True)
    family_name = models.CharField(max_length=100)
    given_name = models.CharField(max_length=100)
    mail = models.CharField(max_length=254)
    employee_code = models.CharField(max_length=40)
    department = models.CharField(max_length=100)
    search_text = models.CharField(max_length=600)

    class Meta:
        app_label = "auth"
        db_table = "organisations_member"
        managed = False


class RosterEntry(models.Model):
    """A person to collect from."""

    id = models.UUIDField(primary_key=True)
    organisation_id = models.UUIDField()
    member = models.ForeignKey(Member, models.PROTECT)
    state = models.CharField(max_length=12)
    registered_on = models.DateField()
    due_on = models.DateField()
    submitted_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "auth"
        db_table = "collection_rosterentry"
        managed = False
        ordering = ("due_on", "id")


@admin.register(RosterEntry)
class Entries(admin.ModelAdmin):
    """The list as the admin draws it."""

    list_display = ("name", "code", "department", "registered_on", "submitted_at", "state", "due_on")
    list_select_related = ("member",)
    list_filter = ("state",)
    search_fields = ("member__search_text",)
    list_per_page = 50

    def get_queryset(self, request: Any) -> Any:
        """One organisation only."""
        return super().get_queryset(request).filter(organisation_id=ORGANISATION)

    def name(self, row: RosterEntry) -> str:
        """The full name."""
        return f"{row.member.family_name} {row.member.given_name}"

    def code(self, row: RosterEntry) -> str:
        """The employee code."""
        return row.member.employee_code

    def department(self, row: RosterEntry) -> str:
        """The department."""
        return row.member.department


urlpatterns = [path("admin/", admin.site.urls)]


def rate(work: Callable[[], Any]) -> float:
    """How often a CPU second."""
    for _ in range(2):
        work()
    started, count = time.process_time(), 0
    while time.process_time() - started < 3:
        work()
        count += 1
    return count / (time.process_time() - started)


call_command("migrate", verbosity=0)
client = Client()
client.force_login(User.objects.create_superuser("peer", "peer@example.jp", "x"))


def ask(query: str) -> None:
    """One page."""
    answer = client.get(f"/admin/auth/rosterentry/{query}")
    if answer.status_code != 200:
        raise RuntimeError(f"{query} answered {answer.status_code}")


pages = {"first page": "", "last page": f"?p={COUNT // 50}", "search": f"?q=user{COUNT - 1}"}
print(json.dumps({name: rate(lambda query=query: ask(query)) for name, query in pages.items()}))
