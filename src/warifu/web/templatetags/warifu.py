"""Parts of pages as template tags; loaded in every template."""

from __future__ import annotations

from django import template

register = template.Library()
