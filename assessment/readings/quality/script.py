"""The commands with which anybody draws a plan's sample again over the downloaded population, in bash."""

from __future__ import annotations

from assessment.models import LearnerWithdrawal, PlanApproval, SamplePlan
from assessment.permissions.tally import Tally, tally
from assessment.workflow.draw import strata_of, stratum_of

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
done < "$frame" | LC_ALL=C sort > order.txt
{takes}
"""
OF_EACH = """\
# 5. Of each tutor the first so many. The strata on record
strata={strata}
sha256sum < "$strata"
: > sample.txt
{takes}"""
OF_TUTOR = "grep -F -f <(grep ' {tutor}$' {strata} | cut -d' ' -f1) order.txt"
# An amendment: what is in the sample and who had left by then are passed over.
VERSION = """\
# Version {version}: {kind}
{left} > left.txt
{order} | grep -v -F -f <(cut -d' ' -f2 sample.txt) | grep -v -F -f left.txt | head -n {added} | tee more.txt
cat more.txt >> sample.txt
"""
TARGETED = """\
# Version {version}: targeted, out of order
grep -F -e {unit} order.txt | tee -a sample.txt
"""


def frame_name(plan: SamplePlan) -> str:
    """The file name of a plan's population as a download."""
    return f"population-{plan.uid}.txt"


def strata_name(plan: SamplePlan) -> str:
    """The file name of who signed off which unit of a plan's population, as a download."""
    return f"strata-{plan.uid}.txt"


def script_name(plan: SamplePlan) -> str:
    """The file name of the commands as a download."""
    return f"draw-{plan.uid}.sh"


def script(plan: SamplePlan, approval: PlanApproval, items: Tally) -> str:
    """The commands that re-run the draw over the downloaded population: bash, sed, sha256sum, sort, grep."""
    if plan.method == "sure":
        first: dict[str, int] = {}
        for one in items:
            if one.drawn:
                first[str(one.tutor)] = first.get(str(one.tutor), 0) + one.number
        lines = [f"{_of(tutor)} | head -n {drawn} | tee -a sample.txt" for tutor, drawn in sorted(first.items())]
        takes = OF_EACH.format(strata=strata_name(plan), takes="\n".join(lines))
    else:
        drawn = items.number(lambda one: one.drawn)
        first_ones = f"head -n {drawn} order.txt" if plan.method == "count" else "cat order.txt"
        takes = f"{first_ones} | tee sample.txt"
    return SCRIPT.format(
        frame=frame_name(plan), secret=approval.secret, plan=plan.uid, version=plan.version, takes=takes
    )


def _of(tutor: str, strata: str = '"$strata"') -> str:
    return OF_TUTOR.format(tutor=tutor, strata=strata)


def whole_script(plan: SamplePlan) -> str:
    """`script` of an approved plan, and after it the commands that draw what was added since, version by version.

    5 statements. Whoever had left by then is named by uid, as the record knows it.
    """
    approval = plan.approval
    told = script(plan, approval, tally(plan))
    signed = strata_of(approval)
    rows = list(plan.items.select_related("learner_unit").order_by("position"))
    inside = {row.learner_unit.uid for row in rows if row.amendment_id is None}
    gone = LearnerWithdrawal.objects.order_by("at", "pk").filter(learner_unit__centre=plan.centre_id)
    left = [(at, uid) for at, uid in gone.values_list("at", "learner_unit__uid") if uid in signed]
    for one in plan.amendments.select_related("tutor").order_by("version"):
        own = [row.learner_unit.uid for row in rows if row.amendment_id == one.pk]
        if one.kind == "target":
            told += "".join(TARGETED.format(version=one.version, unit=uid) for uid in own)
        else:
            away = [str(uid) for at, uid in left if at <= one.at and uid not in inside]
            tutor = stratum_of(plan, one.tutor)
            told += VERSION.format(
                version=one.version,
                kind=one.get_kind_display().lower(),
                left=f"printf '%s\\n' {' '.join(away)}" if away else ":",
                order=_of(str(tutor), strata_name(plan)) if tutor else "cat order.txt",
                added=one.added,
            )
        inside |= set(own)
    return told
