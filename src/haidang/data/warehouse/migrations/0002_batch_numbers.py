"""The sequence of batch numbers. Before deploy."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("warehouse", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE SEQUENCE warehouse_batch", reverse_sql="DROP SEQUENCE warehouse_batch"
        )
    ]
