from django.urls import path

from benchmarks.bare import views

urlpatterns = [
    path("one-insert/", views.one_insert),
    path("two-commits/", views.TwoCommits.as_view()),
]
