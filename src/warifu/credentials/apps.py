from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "warifu.credentials"
    label = "credentials"
    verbose_name = "資格"
    default_auto_field = "django.db.models.BigAutoField"
