from django.apps import AppConfig


class OrganisationsConfig(AppConfig):
    name = "warifu.organisations"
    label = "organisations"
    verbose_name = "組織"
    default_auto_field = "django.db.models.BigAutoField"
