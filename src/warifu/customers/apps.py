from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "warifu.customers"
    label = "customers"
    verbose_name = "顧問先"
    default_auto_field = "django.db.models.BigAutoField"
