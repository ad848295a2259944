from django.apps import AppConfig


class CredentialsConfig(AppConfig):
    name = "warifu.credentials"
    label = "credentials"
    verbose_name = "資格"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from warifu.credentials.actions import (  # noqa: PLC0415
            activation,
            certificate_files,
            mail_changes,
            mail_codes,
            reset_phones,
            self_resets,
        )
        from warifu.notices import links  # noqa: PLC0415

        links.register("certificate_password", lambda reference: certificate_files.password_of(reference=reference))
        links.register("activation", lambda reference: activation.address_of(reference=reference))
        links.register("mail_change", lambda reference: mail_changes.code_of(reference=reference))
        links.register("mail_code", lambda reference: mail_codes.code_of(reference=reference))
        links.register("reset_phone", lambda reference: reset_phones.code_of(reference=reference))
        links.register("self_reset", lambda reference: self_resets.address_of(reference=reference))
        links.register("self_reset_code", lambda reference: self_resets.code_of(reference=reference))
