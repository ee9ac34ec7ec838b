from django.db import models


class RegisterStamp(models.Model):
    """A number that changes with every write to the tables of units (by trigger).

    Processes keep the register in memory and reload it when the number differs.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(name="one_stamp", condition=models.Q(id=1))]

    def __str__(self) -> str:
        return str(self.value)
