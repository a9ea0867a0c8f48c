"""Keep what lines add up to, so that a balance need not read all of them."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0039_subscription_life_constraints'),
    ]

    operations = [
        migrations.CreateModel(
            name='LedgerTotal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(max_length=64)),
                ('day', models.DateField(help_text='In India.')),
                ('after_line', models.BigIntegerField(help_text='The lines are those beyond this one,')),
                ('through_line', models.BigIntegerField(help_text='up to this one.')),
                ('debits_paise', models.BigIntegerField()),
                ('credits_paise', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['through_line'], name='total_by_line')],
                'constraints': [models.UniqueConstraint(fields=('after_line', 'account', 'day'), name='total_of_lines_once'), models.CheckConstraint(condition=models.Q(('through_line__gt', models.F('after_line'))), name='total_of_some_lines'), models.CheckConstraint(condition=models.Q(('credits_paise__gte', 0), ('debits_paise__gte', 0)), name='total_sides_not_negative')],
            },
        ),
    ]
