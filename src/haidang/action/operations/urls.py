from django.urls import path

from haidang.action.operations import views

app_name = "operations"
urlpatterns = [
    path("", views.ticket_list, name="list"),
    path("export.csv", views.export, name="export"),
    path("new/", views.new, name="new"),
    path("<int:id>/", views.detail, name="detail"),
    path("<int:id>/move/<slug:verb>/", views.move, name="move"),
    path("<int:id>/steps/<int:activity>/", views.complete_step, name="step"),
    path("<int:id>/evidence/", views.add_evidence, name="evidence"),
    path("evidence/<int:id>/", views.evidence_file, name="evidence_file"),
]
