"""Views: the visits of a centre, and the external quality assurer's room."""

from django.urls import URLPattern, path

from .centre import visit_answer, visit_end, visit_extend, visit_open, visit_withdraw, visits
from .room import note_add, note_change, note_remove, note_share, room, room_ask, room_log, room_pack

urlpatterns: list[URLPattern] = [
    path("quality/visits/", visits, name="visits"),
    path("quality/visits/open/<uuid:centre>/", visit_open, name="visit-open"),
    path("visits/<uuid:visit>/", room, name="room"),
    path("visits/<uuid:visit>/pack/", room_pack, name="room-pack"),
    path("visits/<uuid:visit>/log/", room_log, name="room-log"),
    path("visits/<uuid:visit>/ask/", room_ask, name="room-ask"),
    path("visits/<uuid:visit>/notes/add/", note_add, name="room-note-add"),
    path("visits/notes/<uuid:note>/change/", note_change, name="room-note-change"),
    path("visits/notes/<uuid:note>/share/", note_share, name="room-note-share"),
    path("visits/notes/<uuid:note>/remove/", note_remove, name="room-note-remove"),
    path("visits/<uuid:visit>/extend/", visit_extend, name="visit-extend"),
    path("visits/<uuid:visit>/end/", visit_end, name="visit-end"),
    path("visits/<uuid:visit>/withdraw/", visit_withdraw, name="visit-withdraw"),
    path("visits/requests/<uuid:asked>/", visit_answer, name="visit-answer"),
]
