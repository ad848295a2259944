from django.apps import AppConfig


class ApplicationsConfig(AppConfig):
    name = "warifu.applications"
    label = "applications"
    verbose_name = "申込"
    default_auto_field = "django.db.models.BigAutoField"
