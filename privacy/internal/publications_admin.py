"""Versions of the policy in the admin: one person proposes a draft, another reads what it changes and publishes it."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _

from privacy.errors import NotPublished
from privacy.internal import comparing, policy, publishing, reading, side_by_side
from privacy.internal.step_up import ask_for_password
from privacy.models import Proposal, Publication, Subject
from privacy.staff import ReadOnly, staff_subject


@admin.register(Publication)
class PublicationAdmin(ReadOnly, admin.ModelAdmin):
    """What is published, and above it what waits to be: a version is published on the page that shows what it changes."""

    list_display = ["version", "effective", "founding", "drafted_by", "published_by", "published_at"]
    list_select_related = ["drafted_by", "published_by"]
    fields = ("version", "effective", "digest", "founding", "drafted_by", "published_by", "published_at")
    readonly_fields = fields
    actions = None
    change_list_template = "admin/privacy/publication/change_list.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {"drafts": policy.drafts(), **(extra_context or {})})

    def get_urls(self) -> list[Any]:
        page = self.admin_site.admin_view(self.draft)
        return [path("draft/<str:version>/", page, name="privacy_publication_draft"), *super().get_urls()]

    def draft(self, request: HttpRequest, version: str) -> HttpResponse:
        """One draft: what stands against it, what it changes, and the button of whose turn it is."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if version not in policy.drafts():
            raise Http404("There is no such draft.")
        if request.method == "POST":
            return self._act(request, version)
        problems = list(publishing.problems(version))
        proposal = Proposal.objects.filter(version=version).select_related("drafted_by").first()
        me = staff_subject(request)
        as_proposed = proposal is not None and proposal.digest == policy.digest_of(version)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Draft for %(day)s") % {"day": version},
            "opts": self.opts,
            "version": version,
            "problems": problems,
            "proposal": proposal,
            "as_proposed": as_proposed,
            "digest": policy.digest_of(version),
            "earliest": publishing.earliest_day(),
            "may_propose": not problems and not as_proposed and request.user.has_perm("privacy.add_proposal"),
            "may_publish": not problems
            and as_proposed
            and request.user.has_perm("privacy.add_publication")
            and me is not None
            and proposal is not None
            and proposal.drafted_by_id != me.pk,
            "mine": proposal is not None and me is not None and proposal.drafted_by_id == me.pk,
            **(self._difference(version) if not problems else {}),
        }
        return render(request, "admin/privacy/publication/draft.html", context)

    def _difference(self, version: str) -> dict[str, Any]:
        former = [published for published in policy.versions() if published < version]
        if not former:
            return {}
        found = comparing.difference(policy.load(former[-1]), policy.load(version))
        language = reading.language_for(None, found.after)
        teller = side_by_side.Teller(found, language)
        return {
            "before": former[-1],
            "rows": teller.rows(),
            "texts": [text for text in (*teller.texts(), *teller.other_words()) if text.mark != "unchanged"],
            "touched": comparing.touched(found).count(),
            "is_material": found.is_material,
            "around": teller.around.data["compare"],
        }

    def _act(self, request: HttpRequest, version: str) -> HttpResponse:
        me: Subject | None = staff_subject(request)
        doing = request.POST.get("do", "")
        wanted = {"propose": "privacy.add_proposal", "publish": "privacy.add_publication"}.get(doing)
        if me is None or wanted is None or not request.user.has_perm(wanted):
            raise PermissionDenied
        back = redirect("admin:privacy_publication_draft", version)
        try:
            if doing == "propose":
                if request.POST.get("digest") != policy.digest_of(version):
                    raise NotPublished(str(_("The draft has changed while you read it. Read it again.")))
                proposal = publishing.propose(version, drafted_by=me)
                self.log_addition(request, proposal, [{"added": {}}])
                messages.success(request, _("The draft is proposed. Somebody else reads it and publishes it."))
                return back
            proposal = Proposal.objects.get(pk=int(request.POST.get("proposal", "0")), version=version)
            if (ask := ask_for_password(request, request.path)) is not None:
                return ask
            if request.POST.get("read") != "on":
                raise NotPublished(str(_("Confirm first that you have read what it changes.")))
            publication = publishing.publish(proposal, published_by=me)
        except (NotPublished, Proposal.DoesNotExist, ValueError) as refusal:
            said = str(refusal) if isinstance(refusal, NotPublished) else _("That proposal is not there any more.")
            messages.error(request, said)
            return back
        self.log_addition(request, publication, [{"added": {}}])
        messages.success(request, _("The version is published. Everybody with an account is told."))
        return redirect(reverse("admin:privacy_publication_changelist"))


@admin.register(Proposal)
class ProposalAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ["proposed_at", "version", "drafted_by", "digest"]
    list_select_related = ["drafted_by"]
    actions = None
