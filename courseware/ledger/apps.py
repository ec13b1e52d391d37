"""The ledger as an app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "courseware.ledger"
    label = "ledger"
    verbose_name = "Record"
    default_auto_field = "django.db.models.BigAutoField"
