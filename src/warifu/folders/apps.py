from django.apps import AppConfig


class FoldersConfig(AppConfig):
    name = "warifu.folders"
    label = "folders"
    verbose_name = "電子帳簿保存フォルダ"
    default_auto_field = "django.db.models.BigAutoField"
