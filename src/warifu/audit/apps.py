from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "warifu.audit"
    label = "audit"
    verbose_name = "監査証跡"
    default_auto_field = "django.db.models.BigAutoField"
