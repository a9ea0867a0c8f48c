"""Every address of the API; all end in a slash, but those that operators' machines ask."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView
from rest_framework.routers import SimpleRouter

from core.views import accounts, operations
from core.views.payments import PaymentViewSet
from core.views.receipts import RefundReceiptView
from core.views.return_page import return_page
from core.views.statements import StatementView
from core.views.subscriptions import OwnerSubscriptionViewSet, PricingPlanView
from core.views.tenancies import TenancyViewSet
from core.views.webhooks import phonepe_webhook

router = SimpleRouter()
router.register("tenancies", TenancyViewSet, basename="tenancy")
router.register("payments", PaymentViewSet, basename="payment")
router.register("owner-subscriptions", OwnerSubscriptionViewSet, basename="owner-subscription")

urlpatterns = [
    path("api/auth/login/", accounts.LoginView.as_view(), name="login"),
    path("api/auth/logout/", accounts.LogoutView.as_view(), name="logout"),
    path("api/auth/change-password/", accounts.ChangePasswordView.as_view(), name="change-password"),
    path("api/pricing-plans/", PricingPlanView.as_view(), name="pricing-plans"),
    path("api/statements/", StatementView.as_view(), name="statements"),
    re_path(
        r"^api/payments/(?P<payment_id>[0-9]{1,18})/refunds/(?P<merchant_refund_id>[A-Za-z0-9_-]{1,63})/receipt/$",
        RefundReceiptView.as_view(),
        name="refund-receipt",
    ),
    path("api/webhooks/phonepe-webhook/", phonepe_webhook, name="phonepe-webhook"),
    path("api/schema/", SpectacularAPIView.as_view(), name="schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="schema"), name="docs"),
    path("api/", include(router.urls)),
    path("payments/return/<slug:merchant_order_id>/", return_page, name="return"),
    re_path(r"^healthz/?$", operations.healthz),
    re_path(r"^readyz/?$", operations.readyz),
    re_path(r"^metrics/?$", operations.metrics),
]
