from django.apps import AppConfig


class CollectionConfig(AppConfig):
    name = "warifu.collection"
    label = "collection"
    verbose_name = "収集"
    default_auto_field = "django.db.models.BigAutoField"
