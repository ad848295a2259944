from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "warifu.credentials"
    label = "credentials"
    verbose_name = "資格"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from warifu.credentials.actions import activation, mail_codes  # noqa: PLC0415
        from warifu.notices import links  # noqa: PLC0415

        links.register("activation", lambda reference: activation.address_of(reference=reference))
        links.register("mail_code", lambda reference: mail_codes.code_of(reference=reference))
