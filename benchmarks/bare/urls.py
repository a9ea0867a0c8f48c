from django.urls import path

from benchmarks.bare import views

urlpatterns = [
    path("one-insert/", views.one_insert),
    path("one-row/<str:merchant_order_id>/", views.one_row),
    path("two-commits/", views.TwoCommits.as_view()),
]
