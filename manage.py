#!/usr/bin/env python3
"""The one command: `up` runs everything, `test` tests everything, the rest is Django's.

This file is read by whatever Python the machine has, so it keeps to what every Python 3 understands.
"""

import os
import shutil
import sys

OLDEST = (3, 11)


def newer():
    """The path of a Python that is new enough, or None."""
    for minor in range(20, OLDEST[1] - 1, -1):
        found = shutil.which("python3.%d" % minor)
        if found:
            return found
    return None


if __name__ == "__main__":
    if sys.version_info < OLDEST:
        better = newer()
        if better is None:
            sys.exit(
                "Courseware needs Python %d.%d or newer, and this machine has only %s: install a newer Python and try "
                "again." % (OLDEST[0], OLDEST[1], sys.version.split()[0])
            )
        os.execv(better, [better, os.path.abspath(__file__)] + sys.argv[1:])
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    from courseware.bootstrap import main

    sys.exit(main(sys.argv[1:]))
