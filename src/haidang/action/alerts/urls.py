from django.urls import path

from haidang.action.alerts import views

app_name = "alerts"
urlpatterns = [
    path("", views.alert_list, name="list"),
    path("rules/", views.rule_list, name="rules"),
    path("<int:id>/", views.alert_detail, name="detail"),
    path("<int:id>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("<int:id>/close/", views.close, name="close"),
]
