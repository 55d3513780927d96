"""Addresses of long work."""

from django.urls import path

from omnichannel.jobs import views

urlpatterns = [
    path("jobs/", views.jobs, name="jobs"),
    path("jobs/bell/", views.bell, name="jobs_bell"),
    path("jobs/seen/", views.seen, name="jobs_seen"),
    path("jobs/<int:pk>/", views.job, name="job"),
    path("jobs/<int:pk>/stop/", views.stop, name="job_stop"),
    path("jobs/<int:pk>/files/<int:file_id>/", views.file, name="job_file"),
]
