from django.apps import AppConfig


class FoldersConfig(AppConfig):
    name = "warifu.folders"
    label = "folders"
    verbose_name = "電子帳簿保存フォルダ"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from warifu.folders.actions import links  # noqa: PLC0415
        from warifu.notices import links as late_links  # noqa: PLC0415

        late_links.register("folder_link", lambda reference: links.address_of(reference=reference))
