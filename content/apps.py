"""What is taught, as an app; `manage.py check` fails on faults in the house's units."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error, register


def house_units_are_sound(app_configs: Sequence[AppConfig] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """One error per fault of the units that come with the software, named by file and line."""
    from .checks import check, unit_folders
    from .schema import FaultyUnit

    errors: list[CheckMessage] = []
    for folder in unit_folders():
        try:
            code = check(folder).code
            if code != folder.name:
                says = f"{folder.name}/unit.md:2: 'code' is {code}, but the folder says {folder.name}"
                errors.append(Error(says, id="content.E002"))
        except FaultyUnit as error:
            errors += [Error(f"{folder.name}/{fault}", id="content.E001") for fault in error.faults]
    return errors


class ContentConfig(AppConfig):
    """The content app."""

    name = "content"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the check."""
        register(house_units_are_sound, "content")
