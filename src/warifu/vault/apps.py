from django.apps import AppConfig


class VaultConfig(AppConfig):
    name = "warifu.vault"
    label = "vault"
    verbose_name = "金庫"
    default_auto_field = "django.db.models.BigAutoField"
