"""The administrator's pages about invitations: another letter, or none any more."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from courseware.kit.http import see_other, show
from courseware.people import permissions, workflow
from courseware.people.forms import KeyForm

from . import person
from .members import attempt, done, member_of, page_of


@login_required
@require_POST
def member_invite(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Have another letter written; the earlier link is spent."""
    membership = member_of(request, uid)
    form = KeyForm(request.POST, auto_id=False)
    status = attempt(
        form, lambda _sent: workflow.invite_again(by=person(request), membership=membership, key=form.once)
    )
    if status:
        return page_of(request, membership, status, invite=form)
    return done(request, membership, "Another letter is on its way. The link in the earlier one works no longer.")


@login_required
@require_http_methods(["GET", "POST"])
def invitation_withdraw(request: HttpRequest, uid: uuid.UUID) -> HttpResponse:
    """Ask once more, then withdraw the invitation."""
    membership = member_of(request, uid)
    permissions.can_manage_people(request.user, membership.centre).require()
    form = KeyForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = attempt(
            form, lambda _sent: workflow.withdraw_invitation(by=person(request), membership=membership, key=form.once)
        )
        if not status:
            messages.success(request, f"The invitation of {membership.name} is withdrawn. Its link works no longer.")
            return see_other(request, "member-list")
    context = {
        "member": membership,
        "form": form,
        "can_withdraw": permissions.can_withdraw_invitation(request.user, membership),
    }
    return show(request, "people/invitation_withdraw.html", context, status=status)
