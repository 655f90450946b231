"""Which pages are the steps to an order; the statistics count the visitors of each."""

TRAFFIC_FUNNEL = {
    "/products/": "listing",
    "/search/": "listing",
    "/products/<slug:slug>/": "product",
    "/basket/": "basket",
    "/checkout/": "checkout",
    "/checkout/thank-you/<str:number>/": "paid",
}
