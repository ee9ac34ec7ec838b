from django.urls import path

from haidang.delivery.reporting.views import reading, working

app_name = "reporting"
urlpatterns = [
    path("", reading.report_list, name="list"),
    path("late/", reading.late_list, name="late"),
    path("export.csv", reading.export, name="export"),
    path("assign/", working.assign, name="assign"),
    path("versions/<int:version_id>/", reading.version, name="version"),
    path("<int:report_id>/", reading.report_page, name="report"),
    path("<int:report_id>/fill/", working.fill, name="fill"),
    path("<int:report_id>/form.xlsx", reading.template, name="template"),
    path("<int:report_id>/upload/", working.upload, name="upload"),
    path("<int:report_id>/approve/", working.approve, name="approve"),
    path("<int:report_id>/receive/", working.receive, name="receive"),
    path("<int:report_id>/return/", working.send_back, name="return"),
]
