"""An alert keeps what is wrong in one short line; those of before have what they are about."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="alert",
            name="headline",
            field=models.TextField(
                blank=True, default="", help_text="What is wrong, in one short line"
            ),
        ),
    ]
