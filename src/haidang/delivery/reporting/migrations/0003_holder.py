import django.db.models.deletion
from django.db import migrations, models

# What was owed before the map ever changed is answered by the unit itself. The check of the new
# foreign key must not wait for the end of the transaction: the column is altered next.
FILL = """UPDATE reporting_assignment SET holder_id = unit_id;
SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;"""


class Migration(migrations.Migration):
    dependencies = [("reporting", "0002_typists"), ("org", "0005_boundaries")]

    operations = [
        migrations.AddField(
            model_name="assignment",
            name="holder",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="org.unit",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="assignment",
            name="holder",
            field=models.ForeignKey(
                help_text="Who answers for it: the unit, or who took over since",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="org.unit",
            ),
        ),
        migrations.AlterField(
            model_name="assignment",
            name="unit",
            field=models.ForeignKey(
                help_text="Whose ground it tells of",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="org.unit",
            ),
        ),
    ]
