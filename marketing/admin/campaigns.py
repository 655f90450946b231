"""The desk of campaigns: write, look at, try on oneself, hand in; read and release; watch, pause, resume and stop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from cookies.chart import draw, draw_steps
from marketing import queries
from marketing.domain import composing, picturing, releasing, rules, sending
from marketing.forms import CampaignForm, CampaignTextForm
from marketing.models import Campaign, CampaignText
from marketing.models.reached import BY_CHANNEL
from orders.queries import orders_by_offer
from privacy.models import Subject
from privacy.models.consent import ContactChannel
from privacy.outbox import enqueue
from privacy.staff import ask_for_password, staff_subject

CHARTED_DAYS = 30
# The widths at which a mail is looked at: a phone's and a desktop's.
WIDTHS = {"phone": 375, "desktop": 1280}


class TextInline(admin.StackedInline):
    model = CampaignText
    form = CampaignTextForm
    extra = 0
    min_num = 1

    def _open(self, obj: Campaign | None) -> bool:
        return obj is None or obj.may_be_edited

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._open(obj) and super().has_add_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._open(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._open(obj) and super().has_delete_permission(request, obj)


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):
    """Nobody sees an address here, and there is nothing by which one could be taken out: counts, and only from ten up."""

    form = CampaignForm
    list_display = ["name", "desk_link", "state", "purpose", "channel", "created_at", "released_at", "ended_at"]
    list_filter = ["state", "purpose", "channel"]
    inlines = [TextInline]
    filter_horizontal = ["categories"]
    actions = None
    change_form_template = "admin/marketing/campaign/change_form.html"
    change_list_template = "admin/marketing/campaign/change_list.html"
    fieldsets = [
        (None, {"fields": ["name", "purpose", "channel", "partner"]}),
        (
            gettext_lazy("To whom"),
            {
                "fields": ["languages", "laws", "categories", "fallback"],
                "description": gettext_lazy("Always only people who permitted this purpose by this channel."),
            },
        ),
        (gettext_lazy("How"), {"fields": ["per_minute", "coupon"]}),
    ]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.may_be_edited)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and obj is not None and obj.may_be_edited

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        me = staff_subject(request)
        if me is not None:
            releasing.had_a_hand_in(form.instance, me)

    def get_urls(self) -> list[URLPattern]:
        def guarded(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            return self.admin_site.admin_view(view)

        charts = path("charts/", guarded(require_safe(self.charts)), name="marketing_campaign_charts")
        pages: list[tuple[str, str, Callable[..., HttpResponse]]] = [
            ("desk", "<int:pk>/desk/", require_safe(self.desk)),
            ("do", "<int:pk>/do/", require_POST(self.act)),
            ("preview", "<int:pk>/preview/<str:locale>/<str:width>/", require_safe(self.preview)),
            ("mail", "<int:pk>/mail/<str:locale>/", require_safe(self.mail)),
            ("picture", "<int:pk>/picture/<str:locale>/<str:width>.png", require_safe(self.picture)),
        ]
        ours = [path(at, guarded(page), name=f"marketing_campaign_{name}") for name, at, page in pages]
        return [charts, *ours, *super().get_urls()]

    def response_post_save_add(self, request: HttpRequest, obj: Campaign) -> HttpResponse:
        return redirect("admin:marketing_campaign_desk", obj.pk)

    def response_post_save_change(self, request: HttpRequest, obj: Campaign) -> HttpResponse:
        return redirect("admin:marketing_campaign_desk", obj.pk)

    @admin.display(description=gettext_lazy("desk"))
    def desk_link(self, campaign: Campaign) -> str:
        address = reverse("admin:marketing_campaign_desk", args=[campaign.pk])
        return format_html('<a href="{}">{}</a>', address, _("Look at it"))

    # --- the desk ---

    def desk(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Everything about one campaign on one page; while it is sent the page shows how far it is."""
        campaign = self._campaign(request, pk)
        me = staff_subject(request)
        may_change = request.user.has_perm("marketing.change_campaign")
        number = queries.shown(queries.reach(campaign)) if campaign.may_be_edited else None
        context = {
            **self.admin_site.each_context(request),
            "title": campaign.name,
            "opts": self.opts,
            "campaign": campaign,
            "texts": [(text, composing.problems(text)) for text in campaign.texts.select_related("campaign")],
            "problems": releasing.problems(campaign),
            "reach": number,
            "fewest": queries.FEWEST,
            "laws": rules.demands("", campaign.channel).laws,
            "progress": _progress(campaign),
            "may_change": may_change,
            "may_release": self._may_release(request) and me is not None and me.pk not in campaign.authors,
            "mine": me is not None and me.pk in campaign.authors,
            "has_pictures": picturing.available(),
        }
        return render(request, "admin/marketing/campaign/desk.html", context)

    def act(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One step of a campaign's way."""
        campaign = self._campaign(request, pk)
        me = staff_subject(request)
        doing = request.POST.get("do", "")
        may = self._may_release(request) if doing == "release" else request.user.has_perm("marketing.change_campaign")
        if me is None or not may:
            raise PermissionDenied
        back = redirect("admin:marketing_campaign_desk", pk)
        if doing == "release" and (
            ask := ask_for_password(request, reverse("admin:marketing_campaign_desk", args=[pk]))
        ):
            return ask
        try:
            said = self._do(doing, campaign, me, request)
        except releasing.NotReleased as refusal:
            messages.error(request, str(refusal))
            return back
        if said is None:
            messages.error(request, _("It is not in a state in which this can be done. Look again."))
        else:
            self.log_change(request, campaign, [{"changed": {"fields": [doing]}}])
            messages.success(request, said)
        return back

    def _do(self, doing: str, campaign: Campaign, me: Subject, request: HttpRequest) -> str | None:
        match doing:
            case "hand_in":
                releasing.hand_in(campaign.pk)
                return _("Handed in. Somebody who had no hand in it reads and releases it.")
            case "release":
                releasing.release(campaign.pk, by=me)
                return _("Released. It is being sent.")
            case "pause":
                return _("Paused. Nothing more leaves until it is resumed.") if sending.pause(campaign.pk) else None
            case "resume":
                return _("It goes on.") if sending.resume(campaign.pk) else None
            case "stop":
                return _("Stopped for good.") if sending.stop(campaign.pk) else None
            case "try":
                locale = request.POST.get("locale", "")
                if not campaign.texts.filter(locale=locale).exists():
                    return None
                own = BY_CHANNEL[campaign.channel].objects.filter(subject=me, confirmed_at__isnull=False)
                if campaign.channel != ContactChannel.EMAIL and not own.exists():
                    raise releasing.NotReleased(
                        _("Name a number or a device of your own first: the message goes there.")
                    )
                enqueue(
                    "marketing.try_on_oneself",
                    key=f"marketing.try:{campaign.pk}:{locale}:{me.pk}:{timezone.now():%Y%m%d%H%M%S}",
                    campaign_id=campaign.pk,
                    locale=locale,
                    subject_id=str(me.pk),
                )
                return _("It is on its way to your own address.")
        raise Http404

    def charts(self, request: HttpRequest) -> HttpResponse:
        """Deliveries, opt-outs and returns of thirty days, and the orders by coupon and offer. Who opened what, nobody knows."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        last = timezone.localdate()
        shown = queries.by_day(last - dt.timedelta(days=CHARTED_DAYS - 1), last)
        names = {
            "sent": _("Messages that were taken by mail servers and telephone services"),
            "opted_out": _("People who opted out"),
            "returned": _("Mails that came back"),
        }
        context = {
            **self.admin_site.each_context(request),
            "title": _("What became of the campaigns"),
            "opts": self.opts,
            "charts": [(key, words, draw([_bar(*day) for day in shown[key]])) for key, words in names.items()],
            "orders": [_orders("offers", _("Orders by coupon and offer"), orders_by_offer())],
            "fewest": queries.FEWEST,
        }
        return render(request, "admin/marketing/campaign/charts.html", context)

    # --- looking at it ---

    def preview(self, request: HttpRequest, pk: int, locale: str, width: str) -> HttpResponse:
        """The mail beside its plain text, as wide as a phone or a desktop."""
        text = self._text(request, pk, locale)
        if width not in WIDTHS:
            raise Http404
        message = composing.sample(text)
        context = {
            **self.admin_site.each_context(request),
            "title": text.subject,
            "opts": self.opts,
            "campaign": text.campaign,
            "text": text,
            "message": message,
            "width": width,
            "pixels": WIDTHS[width],
            "others": [(name, name == width) for name in WIDTHS],
            "size": len(composing.example(text).content),
            "has_pictures": picturing.available(),
        }
        return render(request, "admin/marketing/campaign/preview.html", context)

    @staticmethod
    def _sandboxed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        return csp(
            {
                "default-src": [NONE],
                "img-src": [SELF],
                "style-src": [UNSAFE_INLINE],
                "sandbox": True,
                "form-action": [NONE],
            }
        )(view)

    def mail(self, request: HttpRequest, pk: int, locale: str) -> HttpResponse:
        """The mail itself, as a page without any right: no script, no form, nothing from elsewhere."""
        text = self._text(request, pk, locale)

        def page(_request: HttpRequest) -> HttpResponse:
            return HttpResponse(composing.sample(text).html)

        return self._sandboxed(page)(request)

    def picture(self, request: HttpRequest, pk: int, locale: str, width: str) -> HttpResponse:
        """A picture of the mail, where the machine has a Chromium."""
        text = self._text(request, pk, locale)
        drawn = picturing.picture(composing.sample(text).html, WIDTHS[width]) if width in WIDTHS else None
        if drawn is None:
            raise Http404
        return HttpResponse(drawn, content_type="image/png", headers={"Cache-Control": "no-store"})

    # --- who may ---

    def _campaign(self, request: HttpRequest, pk: int) -> Campaign:
        campaign = get_object_or_404(Campaign, pk=pk)
        if not self.has_view_permission(request, campaign):
            raise PermissionDenied
        return campaign

    def _text(self, request: HttpRequest, pk: int, locale: str) -> CampaignText:
        self._campaign(request, pk)
        return get_object_or_404(CampaignText.objects.select_related("campaign"), campaign=pk, locale=locale)

    def _may_release(self, request: HttpRequest) -> bool:
        return request.user.has_perm("marketing.release_campaign")


def _orders(key: str, words: str, counted: list[tuple[str, int]]) -> dict[str, Any]:
    """A chart of orders, with the names alone of what is on fewer than ten."""
    return {
        "key": key,
        "words": words,
        "chart": draw_steps([(name, number) for name, number in counted if number >= queries.FEWEST]),
        "few": [name for name, number in counted if number < queries.FEWEST],
    }


def _bar(day: dt.date, number: int) -> tuple[str, int, str]:
    label = date_format(day, "MONTH_DAY_FORMAT")
    if 0 < number < queries.FEWEST:
        return label, 0, _("%(day)s: fewer than ten") % {"day": label}
    return label, number, f"{label}: {number}"


def _progress(campaign: Campaign) -> list[tuple[str, int | None]]:
    """Each state with its number; a number under ten is not told where it is about people's choices."""
    from marketing.models import Delivery

    return [
        (str(Delivery.State(state).label), number if number == 0 else queries.shown(number))
        for state, number in queries.progress(campaign).items()
    ]
