"""Views: marking."""

from django.urls import URLPattern, path

from .acts import countersign, decision_withdraw, feedback_release, submission_return
from .desk import marking_desk
from .queue import marking_page, marking_start

urlpatterns: list[URLPattern] = [
    path("marking/", marking_page, name="marking"),
    path("marking/decisions/<uuid:decision>/withdraw/", decision_withdraw, name="decision-withdraw"),
    path("marking/decisions/<uuid:decision>/countersign/", countersign, name="countersign"),
    path("marking/<uuid:submission>/", marking_start, name="marking-start"),
    path("marking/<uuid:submission>/release/", feedback_release, name="feedback-release"),
    path("marking/<uuid:submission>/return/", submission_return, name="submission-return"),
    path("marking/<uuid:submission>/<str:number>/", marking_desk, name="marking-desk"),
]
