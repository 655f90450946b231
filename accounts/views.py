"""The pages of an account; each shows and changes only what belongs to who is signed in."""

from __future__ import annotations

from allauth.account.views import ConfirmEmailView
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import queries
from accounts.countries import SHIPPING_COUNTRIES, country_name, default_country
from accounts.domain import address_book
from accounts.domain.profile import change_profile
from accounts.domain.sign_out import sign_out_everywhere
from accounts.forms import AddressForm, ProfileForm
from accounts.models import SavedAddress

UNPROCESSABLE = 422


@require_safe
@never_cache
def home(request: HttpRequest) -> HttpResponse:
    """What an account has, with the way to each."""
    return render(
        request,
        "accounts/home.html",
        {
            "email": queries.primary_email(request.user),
            "profile": queries.profile_of(request.user),
            "address_count": queries.addresses_of(request.user).count(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def profile(request: HttpRequest) -> HttpResponse:
    """Name and number."""
    known = queries.profile_of(request.user)
    form = ProfileForm(
        request.POST if request.method == "POST" else None,
        initial={"name": known.name, "phone": known.phone} if known else {},
    )
    if request.method == "POST" and form.is_valid():
        with form.collecting(request):
            change_profile(request.user, name=form.cleaned_data["name"], phone=form.cleaned_data["phone"])
        messages.success(request, _("Your details are saved."))
        return redirect("accounts:home")
    return render(request, "accounts/profile.html", {"form": form}, status=UNPROCESSABLE if form.errors else 200)


@require_safe
@never_cache
def addresses(request: HttpRequest) -> HttpResponse:
    """The address book."""
    book = [(address, country_name(address.country)) for address in queries.addresses_of(request.user)]
    return render(request, "accounts/addresses.html", {"book": book})


def _address_form(request: HttpRequest, initial: dict[str, object]) -> AddressForm:
    """The form as it was sent, or a fresh one when only its country was changed, with everything else kept."""
    if request.method != "POST":
        return AddressForm(initial=initial)
    if "show_country" in request.POST:
        kept = {name: request.POST.get(name, "") for name in AddressForm.base_fields if name != "notice"}
        return AddressForm(initial=kept)
    return AddressForm(request.POST)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def add_address(request: HttpRequest) -> HttpResponse:
    """Add an address."""
    country = request.GET.get("country", "")
    form = _address_form(request, {"country": country if country in SHIPPING_COUNTRIES else default_country()})
    if form.is_bound and form.is_valid():
        try:
            with form.collecting(request):
                address_book.save_address(request.user, form.address(), is_default=form.cleaned_data["is_default"])
        except address_book.AddressBookFull:
            form.add_error(
                None,
                _("Your address book is full (%(limit)s addresses). Please remove one first.")
                % {"limit": address_book.LIMIT},
            )
        else:
            messages.success(request, _("The address is saved."))
            return redirect("accounts:addresses")
    return _address_page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def change_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Change an address."""
    address = _own(request, pk)
    form = _address_form(request, AddressForm.values_of(address))
    if form.is_bound and form.is_valid():
        with form.collecting(request):
            address_book.save_address(
                request.user, form.address(), is_default=form.cleaned_data["is_default"], address=address
            )
        messages.success(request, _("The address is saved."))
        return redirect("accounts:addresses")
    return _address_page(request, form, address)


def _address_page(request: HttpRequest, form: AddressForm, address: SavedAddress | None) -> HttpResponse:
    status = UNPROCESSABLE if form.errors else 200
    return render(request, "accounts/address.html", {"form": form, "address": address}, status=status)


@require_POST
def put_address_first(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer this address first."""
    address_book.put_first(_own(request, pk))
    messages.success(request, _("This address is offered first from now on."))
    return redirect("accounts:addresses")


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def remove_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then remove an address. Orders keep the copy that they were sent to."""
    address = _own(request, pk)
    if request.method == "POST":
        address_book.remove_address(address)
        messages.success(request, _("The address is removed."))
        return redirect("accounts:addresses")
    return render(
        request, "accounts/address_remove.html", {"address": address, "country": country_name(address.country)}
    )


@require_POST
def sign_out_of_everything(request: HttpRequest) -> HttpResponse:
    """End every session of this account, here and elsewhere."""
    sign_out_everywhere(request.user)
    logout(request)
    messages.success(request, _("You are signed out on every device."))
    return redirect("home")


def _own(request: HttpRequest, pk: int) -> SavedAddress:
    """An address of who is signed in; anybody else's is not there."""
    return get_object_or_404(SavedAddress, pk=pk, account=request.user)


@method_decorator([login_not_required, never_cache], name="dispatch")
class ConfirmEmail(ConfirmEmailView):
    """The page behind the link in a confirmation mail. Opening it changes nothing; its button does.

    allauth's own signs another account out as soon as the link is opened, and mail scanners open links.
    """

    http_method_names = ["get", "head", "post"]

    def get(self, *args: object, **kwargs: object) -> HttpResponse:
        try:
            self.object = self.get_object()
        except Http404:
            self.object = None
        status = 200 if self.object else 404
        return self.render_to_response(self.get_context_data(), status=status)

    def post(self, *args: object, **kwargs: object) -> HttpResponse:
        try:
            return super().post(*args, **kwargs)
        except Http404:
            return self.get()
