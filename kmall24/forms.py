"""How every form of the store is drawn: the notice beside the field, the errors below it, nothing inline."""

from django.forms.renderers import DjangoTemplates


class StoreFormRenderer(DjangoTemplates):
    """Finds templates in the apps as well as Django's own widgets, so that an app may draw a widget of its own."""

    form_template_name = "elements/form.html"
    field_template_name = "elements/field.html"
