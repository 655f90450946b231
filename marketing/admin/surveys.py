"""Surveys as staff build and read them: questions in several languages, results as charts from ten answers on."""

from __future__ import annotations

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from catalogue.words_field import as_lines, in_lines
from cookies.chart import Chart, draw
from marketing.domain import results, surveys
from marketing.forms_staff import QuestionForm, SurveyForm
from marketing.models import AnonymousAnswer, Question, Survey, SurveyAnswer
from privacy.staff import PersonalAdmin


def _has_answers(survey: Survey | None) -> bool:
    """Whether somebody has answered: from then on the questions stay as they were asked."""
    if survey is None or survey.pk is None:
        return False
    asked = {"question__survey": survey}
    return AnonymousAnswer.objects.filter(**asked).exists() or SurveyAnswer.objects.filter(**asked).exists()


class QuestionInline(admin.StackedInline):
    model = Question
    form = QuestionForm
    extra = 1
    readonly_fields = ["asked", "offered"]

    def get_fields(self, request: HttpRequest, obj: Survey | None = None) -> list[str]:
        """What can be written; of a question that was answered, how it was asked."""
        if self.has_change_permission(request, obj):
            return ["position", "kind", "required", "wordings", "options"]
        return ["position", "kind", "required", "asked", "offered"]

    @admin.display(description=gettext_lazy("question"))
    def asked(self, question: Question) -> str:
        return in_lines(question.wordings)

    @admin.display(description=gettext_lazy("to choose from"))
    def offered(self, question: Question) -> str:
        return in_lines(as_lines(question.options)) if question.options else "—"

    def has_add_permission(self, request: HttpRequest, obj: Survey | None = None) -> bool:
        return super().has_add_permission(request, obj) and not _has_answers(obj)

    def has_change_permission(self, request: HttpRequest, obj: Survey | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _has_answers(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Survey | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _has_answers(obj)


@admin.register(Survey)
class SurveyAdmin(admin.ModelAdmin):
    form = SurveyForm
    list_display = ["__str__", "kind", "released", "opens_at", "closes_at", "results_link"]
    list_filter = ["kind", "released"]
    fields = ["titles", "slug", "kind", "intros", "released", "opens_at", "closes_at", "results_link"]
    readonly_fields = ["results_link"]
    inlines = [QuestionInline]
    actions = ["invite"]

    def get_readonly_fields(self, request: HttpRequest, obj: Survey | None = None) -> list[str]:
        return ["results_link", "kind"] if _has_answers(obj) else ["results_link"]

    def view_on_site(self, survey: Survey) -> str | None:
        """The page that everybody may open; the one of an order has no address of its own."""
        return survey.get_absolute_url() if survey.kind == Survey.Kind.ANONYMOUS else None

    @admin.display(description=gettext_lazy("results"))
    def results_link(self, survey: Survey) -> str:
        if survey.pk is None:
            return "—"
        return format_html(
            '<a href="{}">{}</a>', reverse("admin:marketing_survey_results", args=[survey.pk]), _("Results")
        )

    @admin.action(description=gettext_lazy("Invite those who permitted it"), permissions=["change"])
    def invite(self, request: HttpRequest, queryset: QuerySet[Survey]) -> None:
        invited = sum(surveys.invite(survey.pk) for survey in queryset)
        if invited >= results.FEWEST:
            self.message_user(request, _("%(number)s people are invited.") % {"number": invited})
        else:
            self.message_user(request, _("Fewer than %(few)s people are invited.") % {"few": results.FEWEST})

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:key>/results/", wrap(self.results), name="marketing_survey_results"),
            path("<int:key>/results.csv", wrap(self.file), name="marketing_survey_csv"),
            *super().get_urls(),
        ]

    def results(self, request: HttpRequest, key: int) -> HttpResponse:
        """The answers as charts."""
        survey = self._readable(request, key)
        rows = [(result, _chart(result)) for result in results.results(survey)]
        context = {
            **self.admin_site.each_context(request),
            "title": _("Results of %(survey)s") % {"survey": survey},
            "opts": self.opts,
            "survey": survey,
            "rows": rows,
            "fewest": results.FEWEST,
        }
        return TemplateResponse(request, "admin/marketing/survey/results.html", context)

    def file(self, request: HttpRequest, key: int) -> HttpResponse:
        """The same as a table."""
        survey = self._readable(request, key)
        return HttpResponse(
            results.as_csv(survey),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{survey.slug}.csv"'},
        )

    def _readable(self, request: HttpRequest, key: int) -> Survey:
        survey = get_object_or_404(Survey, pk=key)
        if not self.has_view_permission(request, survey):
            raise PermissionDenied
        return survey


def _chart(result: results.Result) -> Chart | None:
    if not result.groups:
        return None
    return draw([(group.words[:24], group.number or 0, f"{group.words}: {group.told}") for group in result.groups])


@admin.register(SurveyAnswer)
class SurveyAnswerAdmin(PersonalAdmin):
    """What buyers answered, masked; it is read for a reason and never changed."""

    list_display = ["__str__", "question", "masked_picks", "masked_words"]
    list_filter = ["question__survey"]
    list_select_related = ["question"]
    fields = ["question", "picks", "words"]
    readonly_fields = fields
