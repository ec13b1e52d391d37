"""People as an app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "courseware.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.contrib.auth.signals import user_logged_in

        from .sessions import note_device

        # The one door that every way of signing in goes through: password, passkey, the link of the first letter.
        user_logged_in.connect(note_device, dispatch_uid="people.note_device")
