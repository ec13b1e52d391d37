"""The site as its next version would have it: one more app, with three migrations."""

from courseware.settings import *  # noqa: F403
from courseware.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.newer"]
