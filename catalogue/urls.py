"""The addresses of the goods."""

from django.urls import path

from catalogue import views

app_name = "catalogue"

urlpatterns = [
    path("products/", views.product_list, name="list"),
    path("products/<slug:slug>/", views.product, name="product"),
    path("reviews/photographs/<uuid:key>.jpg", views.review_photograph, name="review_photograph"),
    path("search/", views.search, name="search"),
]
