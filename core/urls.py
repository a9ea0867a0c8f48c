"""Every address of the API; all end in a slash, but those that operators' machines ask."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from core.views import auth, operations
from core.views.autopay import AutopayView
from core.views.front_page import front_page
from core.views.lettings import PropertyViewSet, UnitViewSet
from core.views.negotiation import FormatFirst
from core.views.payments import PaymentViewSet
from core.views.receipts import RefundReceiptView
from core.views.rent import ChargeViewSet, DashboardView
from core.views.return_page import return_page
from core.views.statements import StatementView
from core.views.subscriptions import OwnerSubscriptionViewSet, PricingPlanView
from core.views.tenancies import TenancyViewSet
from core.views.webhooks import phonepe_webhook

router = SimpleRouter()
router.register("tenancies", TenancyViewSet, basename="tenancy")
router.register("properties", PropertyViewSet, basename="property")
router.register("units", UnitViewSet, basename="unit")
router.register("charges", ChargeViewSet, basename="charge")
router.register("payments", PaymentViewSet, basename="payment")
router.register("owner-subscriptions", OwnerSubscriptionViewSet, basename="owner-subscription")

urlpatterns = [
    path("", front_page, name="front-page"),
    path("api/auth/login/", auth.LoginView.as_view(), name="login"),
    path("api/auth/logout/", auth.LogoutView.as_view(), name="logout"),
    path("api/auth/logout-all/", auth.LogoutAllView.as_view(), name="logout-all"),
    path("api/auth/password-reset/", auth.PasswordResetView.as_view(), name="password-reset"),
    path("api/auth/password-reset/confirm/", auth.PasswordResetConfirmView.as_view(), name="password-reset-confirm"),
    path("api/me/", auth.MeView.as_view(), name="me"),
    path("api/auth/change-password/", auth.ChangePasswordView.as_view(), name="change-password"),
    path("api/pricing-plans/", PricingPlanView.as_view(), name="pricing-plans"),
    path("api/owner-subscriptions/autopay/", AutopayView.as_view(), name="autopay"),
    path("api/dashboard/", DashboardView.as_view(), name="dashboard"),
    path("api/statements/", StatementView.as_view(), name="statements"),
    re_path(
        r"^api/payments/(?P<payment_id>[0-9]{1,18})/refunds/(?P<merchant_refund_id>[A-Za-z0-9_-]{1,63})/receipt/$",
        RefundReceiptView.as_view(),
        name="refund-receipt",
    ),
    path("api/webhooks/phonepe-webhook/", phonepe_webhook, name="phonepe-webhook"),
    path("api/schema/", SpectacularAPIView.as_view(content_negotiation_class=FormatFirst), name="schema"),
    path("api/docs/", SpectacularSwaggerSplitView.as_view(url_name="schema", metadata_class=None), name="docs"),
    path("api/", include(router.urls)),
    path("payments/return/<slug:merchant_order_id>/", return_page, name="return"),
    re_path(r"^healthz/?$", operations.healthz),
    re_path(r"^readyz/?$", operations.readyz),
    re_path(r"^metrics/?$", operations.metrics),
]
