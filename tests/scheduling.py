"""Which worker runs which test, and what becomes of a test that a worker dies of."""

from __future__ import annotations

from collections import OrderedDict

from xdist.scheduler import LoadGroupScheduling
from xdist.workermanage import WorkerController

# Each has a site of its own, made once for all tests of the file.
TOGETHER = {"tests/test_bootstrap_up.py", "tests/test_deploy.py", "tests/test_upload_torture.py"}


class OneSiteOnce(LoadGroupScheduling):
    """Tests of a file of TOGETHER go to one worker, any other test to whoever is free.

    The test that a worker died of has failed and nobody is given it again; what else the worker had, somebody is.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if file in TOGETHER else nodeid

    def remove_node(self, node: WorkerController) -> str | None:
        """The worker has gone; answers the test that it died of, None where it had done everything.

        xdist's own gives back what was done as well, and then waits for a worker that was given nothing.
        """
        units = self.assigned_work.pop(node)
        left = [(scope, test) for scope, tests in units.items() for test, done in tests.items() if not done]
        if not left:
            return None
        for scope, test in left[1:]:
            self.workqueue.setdefault(scope, OrderedDict())[test] = False
        for other in self.assigned_work:
            self._reschedule(other)
        return left[0][1]
