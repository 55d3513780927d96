"""Addresses of long work."""

from django.urls import path

from omnichannel.jobs import views

urlpatterns = [
    path("jobs/<int:pk>/stop/", views.stop, name="job_stop"),
    path("jobs/<int:pk>/files/<int:file_id>/", views.file, name="job_file"),
]
