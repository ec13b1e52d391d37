"""Views: internal quality assurance."""

from django.urls import URLPattern, path

from .action_points import action_point, action_points, adjudicate
from .amendments import item_substitute, plan_gap, plan_target
from .documents import action_point_log, cohort_tracking, coverage_report, plan_report, tutor_feedback_report
from .exports import plan_table, plan_table_file, quality_table, quality_table_file, reports_page
from .items import item, item_close, item_reviewer, unit_release
from .plans import (
    plan,
    plan_add,
    plan_approve,
    plan_change,
    plan_complete,
    plan_frame,
    plan_script,
    plan_strata,
    quality_page,
)
from .reports import independence, item_report, tutor_feedback
from .review import review
from .risk import (
    interest_declare,
    interest_end,
    interests,
    qualification_add,
    qualification_remove,
    risks,
    tutor_rate,
    tutor_risk,
)
from .standardisation import (
    standardisation,
    standardisation_add,
    standardisation_agree,
    standardisation_choose,
    standardisation_complete,
    standardisation_discuss,
    standardisation_invite,
    standardisation_judge,
    standardisation_meeting,
    standardisation_picture,
    standardisations,
)
from .strategy import strategy, strategy_change
from .widening import widening

urlpatterns: list[URLPattern] = [
    path("quality/", quality_page, name="quality"),
    path("quality/plans/add/<uuid:cohort>/", plan_add, name="plan-add"),
    path("quality/plans/<uuid:plan>/", plan, name="plan"),
    path("quality/plans/<uuid:plan>/change/", plan_change, name="plan-change"),
    path("quality/plans/<uuid:plan>/approve/", plan_approve, name="plan-approve"),
    path("quality/plans/<uuid:plan>/complete/", plan_complete, name="plan-complete"),
    path("quality/plans/<uuid:plan>/population/", plan_frame, name="plan-frame"),
    path("quality/plans/<uuid:plan>/strata/", plan_strata, name="plan-strata"),
    path("quality/plans/<uuid:plan>/script/", plan_script, name="plan-script"),
    path("quality/plans/<uuid:plan>/add/<str:key>/", plan_gap, name="plan-gap"),
    path("quality/plans/<uuid:plan>/target/<uuid:learner_unit>/", plan_target, name="plan-target"),
    path("quality/items/<uuid:item>/substitute/", item_substitute, name="item-substitute"),
    path("quality/risk/", risks, name="risks"),
    path("quality/risk/<uuid:member>/", tutor_risk, name="tutor-risk"),
    path("quality/risk/<uuid:member>/rate/", tutor_rate, name="tutor-rate"),
    path("quality/qualifications/add/<uuid:member>/", qualification_add, name="qualification-add"),
    path("quality/qualifications/<uuid:qualification>/remove/", qualification_remove, name="qualification-remove"),
    path("quality/interests/", interests, name="interests"),
    path("quality/interests/declare/", interest_declare, name="interest-declare"),
    path("quality/interests/<uuid:interest>/end/", interest_end, name="interest-end"),
    path("quality/strategy/", strategy, name="strategy"),
    path("quality/strategy/<uuid:centre>/change/", strategy_change, name="strategy-change"),
    path("quality/independence/", independence, name="independence"),
    path("quality/items/<uuid:item>/", item, name="item"),
    path("quality/items/<uuid:item>/reviewer/", item_reviewer, name="item-reviewer"),
    path("quality/items/<uuid:item>/close/", item_close, name="item-close"),
    path("quality/items/<uuid:item>/release/", unit_release, name="unit-release"),
    path("quality/items/<uuid:item>/report/", item_report, name="item-report"),
    path("quality/items/<uuid:item>/<str:number>/", review, name="review"),
    path("quality/feedback/", tutor_feedback, name="own-quality-feedback"),
    path("quality/feedback/<uuid:tutor>/", tutor_feedback, name="tutor-feedback"),
    path("quality/standardisation/", standardisations, name="standardisations"),
    path("quality/standardisation/add/<uuid:centre>/", standardisation_choose, name="standardisation-choose"),
    path(
        "quality/standardisation/add/<uuid:centre>/<uuid:criterion>/", standardisation_add, name="standardisation-add"
    ),
    path("quality/standardisation/<uuid:exercise>/", standardisation, name="standardisation"),
    path("quality/standardisation/<uuid:exercise>/invite/", standardisation_invite, name="standardisation-invite"),
    path("quality/standardisation/<uuid:exercise>/discuss/", standardisation_discuss, name="standardisation-discuss"),
    path("quality/standardisation/<uuid:exercise>/meeting/", standardisation_meeting, name="standardisation-meeting"),
    path(
        "quality/standardisation/<uuid:exercise>/complete/", standardisation_complete, name="standardisation-complete"
    ),
    path(
        "quality/standardisation/<uuid:exercise>/<int:position>/", standardisation_judge, name="standardisation-judge"
    ),
    path(
        "quality/standardisation/<uuid:exercise>/<int:position>/outcome/",
        standardisation_agree,
        name="standardisation-agree",
    ),
    path(
        "quality/standardisation/<uuid:exercise>/<int:position>/<int:piece>/pages/<int:page>/",
        standardisation_picture,
        name="standardisation-picture",
    ),
    path("quality/widenings/<uuid:proposal>/", widening, name="widening"),
    path("quality/action-points/", action_points, name="action-points"),
    path("quality/action-points/<uuid:action_point>/", action_point, name="action-point"),
    path("quality/action-points/log/", action_point_log, name="action-log"),
    path("quality/feedback/<uuid:tutor>/report/", tutor_feedback_report, name="tutor-feedback-report"),
    path("cohorts/<uuid:cohort>/tracking/", cohort_tracking, name="cohort-tracking"),
    path("quality/reports/", reports_page, name="reports"),
    path("quality/coverage/", coverage_report, name="coverage-report"),
    path("quality/tables/<slug:name>/", quality_table, name="quality-table"),
    path("quality/tables/<slug:name>/<slug:kind>/", quality_table_file, name="quality-table-file"),
    path("quality/plans/<uuid:plan>/report/", plan_report, name="plan-report"),
    path("quality/plans/<uuid:plan>/tables/<slug:name>/", plan_table, name="plan-table"),
    path("quality/plans/<uuid:plan>/tables/<slug:name>/<slug:kind>/", plan_table_file, name="plan-table-file"),
    path("quality/reviews/<uuid:review>/adjudicate/", adjudicate, name="adjudicate"),
]
