from django.contrib import admin
from django.urls import include, path

from core.views.throttles import AdminGuessThrottle, LoginThrottle, OldPasswordThrottle, throttled

urlpatterns = [
    path("admin/login/", throttled(LoginThrottle, AdminGuessThrottle)(admin.site.login)),
    path("admin/password_change/", throttled(OldPasswordThrottle)(admin.site.admin_view(admin.site.password_change))),
    path("admin/", admin.site.urls),
    path("", include("core.urls")),
]

handler400 = "core.views.problems.bad_request"
handler403 = "core.views.problems.permission_denied"
handler404 = "core.views.problems.page_not_found"
handler500 = "core.views.problems.server_error"
