"""People as an app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "courseware.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"
