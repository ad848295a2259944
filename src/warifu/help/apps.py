from django.apps import AppConfig


class HelpConfig(AppConfig):
    name = "warifu.help"
    label = "help"
    verbose_name = "ヘルプ"
    default_auto_field = "django.db.models.BigAutoField"
