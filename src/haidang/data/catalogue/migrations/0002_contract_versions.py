"""Since when a version of a contract holds, and why it was made."""

import django.utils.timezone
from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import TruncDate


def hold_since_made(apps, schema_editor):
    """Versions from before have held since the day they were made."""
    apps.get_model("catalogue", "Contract").objects.update(valid_from=TruncDate(F("made_at")))


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]

    operations = [
        migrations.AddField(
            "contract",
            "valid_from",
            models.DateField(
                default=django.utils.timezone.localdate, help_text="First day it holds"
            ),
        ),
        migrations.AddField("contract", "reason", models.TextField(blank=True, default="")),
        migrations.RunPython(hold_since_made, migrations.RunPython.noop),
    ]
