from django.apps import AppConfig


class LicencesConfig(AppConfig):
    name = "warifu.licences"
    label = "licences"
    verbose_name = "ライセンス"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from warifu.licences.actions import proofs  # noqa: PLC0415
        from warifu.notices import links  # noqa: PLC0415

        links.register("card_registering", lambda reference: proofs.registering_of(reference=reference))
        links.register("card_support", lambda reference: proofs.support_of(reference=reference))
        links.register("licence_key", lambda reference: proofs.key_of(reference=reference))
