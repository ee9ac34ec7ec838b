from django.urls import path

from haidang.action.operations.views import procedures, tickets

app_name = "operations"
urlpatterns = [
    path("", tickets.ticket_list, name="list"),
    path("export.csv", tickets.export, name="export"),
    path("new/", tickets.new, name="new"),
    path("<int:id>/", tickets.detail, name="detail"),
    path("<int:id>/move/<slug:verb>/", tickets.move, name="move"),
    path("<int:id>/steps/<int:activity>/", tickets.complete_step, name="step"),
    path("<int:id>/evidence/", tickets.add_evidence, name="evidence"),
    path("evidence/<int:id>/", tickets.evidence_file, name="evidence_file"),
    path("procedures/", procedures.listed, name="procedures"),
    path("publish-procedure/", procedures.publish, name="publish_procedure"),
    path("procedures/<slug:code>/", procedures.detail, name="procedure"),
    path("procedures/<slug:code>/versions/<int:number>/", procedures.version, name="version"),
]
