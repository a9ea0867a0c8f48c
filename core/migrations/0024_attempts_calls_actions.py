"""Keep every attempt to pay, every call to PhonePe, and every act of an operator; the last for ever as it was."""

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.db.append_only import protect


def keep_append_only(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    protect(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0023_dashboard_refunds'),
    ]

    operations = [
        migrations.CreateModel(
            name='PhonePeCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('call', models.CharField(help_text='create_order, order_status, refund or refund_status.', max_length=32)),
                ('merchant_order_id', models.CharField(blank=True, max_length=63)),
                ('merchant_refund_id', models.CharField(blank=True, max_length=63)),
                ('at', models.DateTimeField(help_text='When it began.')),
                ('milliseconds', models.PositiveIntegerField()),
                ('outcome', models.CharField(help_text='`answered`, or the name of the error.', max_length=64)),
                ('said', models.CharField(blank=True, help_text="The state in the answer, or the error's sentence.", max_length=200)),
            ],
            options={
                'verbose_name': 'call to PhonePe',
                'verbose_name_plural': 'calls to PhonePe',
                'indexes': [models.Index(condition=models.Q(('merchant_order_id', ''), _negated=True), fields=['merchant_order_id', 'at'], name='call_by_order'), models.Index(condition=models.Q(('merchant_refund_id', ''), _negated=True), fields=['merchant_refund_id', 'at'], name='call_by_refund'), models.Index(fields=['at'], name='call_by_time')],
            },
        ),
        migrations.CreateModel(
            name='OperatorAction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text="User name; of a command, that of the machine's user or of --by.", max_length=150)),
                ('action', models.CharField(help_text='What was done, such as refund or resolve_alert.', max_length=32)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('about', models.CharField(help_text='What it was done to, such as payment:12.', max_length=100)),
                ('detail', models.JSONField(blank=True, default=dict, help_text='More facts, such as an amount in paise.')),
                ('at', models.DateTimeField()),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('order', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='operator_actions', to='core.paymenttransaction')),
                ('refund', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='operator_actions', to='core.refund')),
            ],
            options={
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['about'], name='operator_action_about')],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='operator_action_has_a_name'), models.CheckConstraint(condition=models.Q(models.Q(('action', ''), _negated=True), models.Q(('about', ''), _negated=True)), name='operator_action_says_what')],
            },
        ),
        migrations.CreateModel(
            name='PaymentAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('transaction_id', models.CharField(help_text="PhonePe's transactionId.", max_length=64)),
                ('state', models.CharField(choices=[('PENDING', 'Pending'), ('COMPLETED', 'Completed'), ('FAILED', 'Failed')], max_length=16)),
                ('payment_mode', models.CharField(blank=True, max_length=32)),
                ('amount_paise', models.BigIntegerField(blank=True, null=True)),
                ('at', models.DateTimeField(blank=True, help_text='When it began, as PhonePe says.', null=True)),
                ('utr', models.CharField(blank=True, max_length=64)),
                ('upi_transaction_id', models.CharField(blank=True, max_length=64)),
                ('instrument', models.CharField(blank=True, help_text='What was paid with, masked.', max_length=200)),
                ('error_code', models.CharField(blank=True, max_length=64)),
                ('detailed_error_code', models.CharField(blank=True, max_length=64)),
                ('reported_by', models.CharField(choices=[('webhook', 'Webhook'), ('status', 'order status')], max_length=16)),
                ('seen_at', models.DateTimeField(help_text='When it was first reported.')),
                ('changed_at', models.DateTimeField(help_text='When a report last said something new of it.')),
                ('order', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='core.paymenttransaction')),
            ],
            options={
                'ordering': ['pk'],
                'indexes': [models.Index(fields=['transaction_id'], name='attempt_by_transaction'), models.Index(condition=models.Q(('utr', ''), _negated=True), fields=['utr'], name='attempt_by_utr'), models.Index(condition=models.Q(('upi_transaction_id', ''), _negated=True), fields=['upi_transaction_id'], name='attempt_by_upi_transaction')],
                'constraints': [models.UniqueConstraint(fields=('order', 'transaction_id'), name='one_row_per_attempt_of_an_order'), models.CheckConstraint(condition=models.Q(('transaction_id', ''), _negated=True), name='attempt_has_an_id'), models.CheckConstraint(condition=models.Q(('state__in', ['PENDING', 'COMPLETED', 'FAILED'])), name='attempt_state_known'), models.CheckConstraint(condition=models.Q(('reported_by__in', ['webhook', 'status'])), name='attempt_reported_by_known')],
            },
        ),
        migrations.RunPython(keep_append_only, migrations.RunPython.noop),
    ]
