"""The commands with which anybody draws a plan's sample again over the downloaded population, in bash."""

from __future__ import annotations

from assessment.models import PlanApproval, SamplePlan
from assessment.permissions.tally import Tally

SCRIPT = """\
frame={frame}
secret={secret}
# 1. The population on record
sha256sum < "$frame"
# 2. The secret, whose digest was on record before anybody could know it
printf '%b' "$(printf %s "$secret" | sed 's/../\\\\x&/g')" | sha256sum
# 3. The seed
population=$(sha256sum < "$frame" | cut -c1-64)
seed=$(printf %s "{plan}:{version}:$population:$secret" | sha256sum | cut -c1-64)
echo "$seed"
# 4. The draw, first place first: key and unit
while read -r unit; do
  echo "$(printf %s "$seed:$unit" | sha256sum | cut -c1-64) $unit"
done < "$frame" | LC_ALL=C sort{last}
"""
OF_EACH = """ > order.txt
# 5. Of each tutor the first so many. The strata on record
strata={strata}
sha256sum < "$strata"
{takes}"""


def frame_name(plan: SamplePlan) -> str:
    """The file name of a plan's population as a download."""
    return f"population-{plan.uid}.txt"


def strata_name(plan: SamplePlan) -> str:
    """The file name of who signed off which unit of a plan's population, as a download."""
    return f"strata-{plan.uid}.txt"


def script(plan: SamplePlan, approval: PlanApproval, items: Tally) -> str:
    """The commands that re-run the draw over the downloaded population: bash, sed, sha256sum, sort, grep."""
    last = f" | head -n {plan.size}" if plan.method == "count" else ""
    if plan.method == "sure":
        takes: dict[str, int] = {}
        for one in items:
            if one.drawn:
                takes[str(one.tutor)] = takes.get(str(one.tutor), 0) + one.number
        last = OF_EACH.format(
            strata=strata_name(plan),
            takes="\n".join(
                f"grep -F -f <(grep ' {tutor}$' \"$strata\" | cut -d' ' -f1) order.txt | head -n {drawn}"
                for tutor, drawn in sorted(takes.items())
            ),
        )
    return SCRIPT.format(
        frame=frame_name(plan),
        secret=approval.secret,
        plan=plan.uid,
        version=plan.version,
        last=last,
    )
