"""The address book over the API: one's own addresses, through the same door as the page."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, viewsets

from accounts.addresses import ADDRESS_FIELDS, clean_address
from accounts.domain import address_book
from accounts.models import SavedAddress
from accounts.queries import addresses_of
from privacy.serializers import NoticeMetadata, PersonalSerializer


class AddressSerializer(PersonalSerializer):
    """One saved address."""

    surface = "api.addresses"

    class Meta:
        model = SavedAddress
        fields = ["id", *ADDRESS_FIELDS, "is_default", "notice", "no_marketing"]
        extra_kwargs = {
            # A number is typed in many ways and stored in one; what is stored is shorter.
            "phone": {"max_length": 40},
            "country": {"help_text": _("Two letters, ISO 3166-1.")},
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        attrs = super().validate(attrs)
        stood = {name: getattr(self.instance, name) for name in ADDRESS_FIELDS} if self.instance else {}
        try:
            address = clean_address(stood | {name: attrs[name] for name in ADDRESS_FIELDS if name in attrs})
        except ValidationError as error:
            raise serializers.ValidationError(error.message_dict) from error
        return attrs | address

    def create(self, validated_data: dict[str, Any]) -> SavedAddress:
        return self._write(validated_data, None)

    def update(self, instance: SavedAddress, validated_data: dict[str, Any]) -> SavedAddress:
        return self._write(validated_data, instance)

    def _write(self, values: dict[str, Any], address: SavedAddress | None) -> SavedAddress:
        is_default = values.pop("is_default", False)
        try:
            with self.collecting():
                return address_book.save_address(
                    self.context["request"].user, values, is_default=is_default, address=address
                )
        except address_book.AddressBookFull as full:
            raise serializers.ValidationError(
                _("Your address book is full (%(limit)s addresses). Please remove one first.")
                % {"limit": address_book.LIMIT}
            ) from full


class AddressViewSet(viewsets.ModelViewSet):
    """The addresses of who is signed in. `OPTIONS` answers with the notice, whose token a write brings back."""

    serializer_class = AddressSerializer
    metadata_class = NoticeMetadata
    queryset = SavedAddress.objects.none()
    lookup_value_regex = "[0-9]+"

    def get_queryset(self) -> QuerySet[SavedAddress]:
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return addresses_of(self.request.user)

    def perform_destroy(self, instance: SavedAddress) -> None:
        address_book.remove_address(instance)
