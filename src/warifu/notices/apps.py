from django.apps import AppConfig
from django.core.checks import register


class NoticesConfig(AppConfig):
    name = "warifu.notices"
    label = "notices"
    verbose_name = "お知らせ"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the room's system checks."""
        from warifu.notices import checks  # noqa: PLC0415 - needs the apps to be there

        register(checks.check_mail)
        register(checks.check_templates)
