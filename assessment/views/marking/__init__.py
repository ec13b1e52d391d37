"""Views: marking."""

from django.urls import URLPattern, path

from .acts import countersign, decision_withdraw, feedback_release, submission_return
from .comments import comment_bank, comment_change, comment_retire
from .desk import marking_desk_page
from .queue import marking_page, marking_start
from .together import marking_together

urlpatterns: list[URLPattern] = [
    path("marking/", marking_page, name="marking"),
    path("marking/comments/", comment_bank, name="comments"),
    path("marking/comments/<uuid:comment>/", comment_change, name="comment-change"),
    path("marking/comments/<uuid:comment>/retire/", comment_retire, name="comment-retire"),
    path("marking/together/", marking_together, name="marking-together"),
    path("marking/decisions/<uuid:decision>/withdraw/", decision_withdraw, name="decision-withdraw"),
    path("marking/decisions/<uuid:decision>/countersign/", countersign, name="countersign"),
    path("marking/<uuid:submission>/", marking_start, name="marking-start"),
    path("marking/<uuid:submission>/release/", feedback_release, name="feedback-release"),
    path("marking/<uuid:submission>/return/", submission_return, name="submission-return"),
    path("marking/<uuid:submission>/<str:number>/", marking_desk_page, name="marking-desk"),
]
