from django.urls import path

from haidang.foundation.org.views import boundaries, changing, map_changes, reading

app_name = "org"
urlpatterns = [
    path("", reading.unit_list, name="list"),
    path("export.csv", reading.export, name="export"),
    path("legal-bases/", reading.legal_bases, name="legal_bases"),
    path("legal-bases/record/", changing.record_legal_basis, name="record_legal_basis"),
    path("boundaries/", boundaries.index, name="boundaries"),
    path("boundaries/import/", boundaries.bring, name="import_boundaries"),
    path("boundaries/<int:sheet_id>/", boundaries.sheet, name="boundary_sheet"),
    path("boundaries/<int:sheet_id>/original/", boundaries.original, name="boundary_file"),
    path("boundaries/<int:sheet_id>/use/", boundaries.use, name="use_boundaries"),
    path("boundaries/<int:sheet_id>/withdraw/", boundaries.withdraw, name="withdraw_boundaries"),
    path("boundaries/<int:sheet_id>/discard/", boundaries.discard, name="discard_boundaries"),
    path("changes/", map_changes.index, name="change_sets"),
    path("changes/new/", map_changes.prepare, name="prepare_changes"),
    path("changes/blank.csv", map_changes.blank_file, name="blank_changes"),
    path("changes/<int:set_id>/reverse/", map_changes.take_back, name="reverse_changes"),
    path("changes/<int:set_id>/", map_changes.change_set, name="change_set"),
    path("changes/<int:set_id>/changes.csv", map_changes.as_file, name="changes_as_file"),
    path("changes/<int:set_id>/add/", map_changes.add_change, name="add_change"),
    path("changes/<int:set_id>/drop/", map_changes.drop_change, name="drop_change"),
    path("changes/<int:set_id>/day/", map_changes.set_day, name="set_change_day"),
    path("changes/<int:set_id>/approve/", map_changes.approve, name="approve_changes"),
    path("changes/<int:set_id>/apply/", map_changes.apply, name="apply_changes"),
    path("changes/<int:set_id>/undo/", map_changes.undo, name="undo_changes"),
    path("changes/<int:set_id>/reopen/", map_changes.reopen, name="reopen_changes"),
    path("changes/<int:set_id>/discard/", map_changes.discard, name="discard_changes"),
    path("<str:code>/", reading.unit_page, name="unit"),
    path("<str:code>/rename/", changing.rename, name="rename"),
    path("<str:code>/move/", changing.move, name="move"),
    path("<str:code>/dissolve/", changing.dissolve, name="dissolve"),
]
