#!/usr/bin/env python3
"""Django's command line (replaced by the bootstrap)."""
import os, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "courseware.settings")
from django.core.management import execute_from_command_line
execute_from_command_line(sys.argv)
