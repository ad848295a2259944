"""How forms are drawn: label, requirement in words, hint and error tied to the control (A-02)."""

from __future__ import annotations

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Draws whole forms with `shared/form.html` and single fields with `shared/field.html`."""

    form_template_name = "shared/form.html"
    field_template_name = "shared/field.html"
