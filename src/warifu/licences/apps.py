from django.apps import AppConfig


class LicencesConfig(AppConfig):
    name = "warifu.licences"
    label = "licences"
    verbose_name = "ライセンス"
    default_auto_field = "django.db.models.BigAutoField"
