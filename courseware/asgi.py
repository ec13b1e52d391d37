"""The web application for asynchronous servers; it refuses to start where the record would not be safe."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courseware.settings")
application = get_asgi_application()

from courseware.kit.startup import assert_safe, settle  # noqa: E402 - needs the settings that the line above loads

assert_safe()
settle()
