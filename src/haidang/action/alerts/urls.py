from django.urls import path

from haidang.action.alerts.views import alerts, rules

app_name = "alerts"
urlpatterns = [
    path("", alerts.alert_list, name="list"),
    path("rules/", rules.rule_list, name="rules"),
    path("rules/new/", rules.new_rule, name="new_rule"),
    path("rules/<slug:code>/", rules.change_rule, name="change_rule"),
    path("rules/<slug:code>/retire/", rules.retire_rule, name="retire_rule"),
    path("<int:id>/", alerts.alert_detail, name="detail"),
    path("<int:id>/acknowledge/", alerts.acknowledge, name="acknowledge"),
    path("<int:id>/close/", alerts.close, name="close"),
]
