"""Keep tax papers with their numbers, what they say of owners, and what people do not want to be told."""

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from core.db.append_only import protect


def protect_papers(_apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    protect(schema_editor.connection)


class Migration(migrations.Migration):

    dependencies = [
        ('core', '0043_mandate_constraints'),
    ]

    operations = [
        migrations.AddField(
            model_name='owner',
            name='address',
            field=models.TextField(blank=True, db_default='', default='', max_length=500),
        ),
        migrations.AddField(
            model_name='owner',
            name='billing_name',
            field=models.CharField(blank=True, db_default='', default='', help_text='As invoices say it; empty: the name.', max_length=200),
        ),
        migrations.AddField(
            model_name='owner',
            name='gstin',
            field=models.CharField(blank=True, db_default='', default='', max_length=15, verbose_name='GSTIN'),
        ),
        migrations.AddField(
            model_name='owner',
            name='pan',
            field=models.CharField(blank=True, db_default='', default='', max_length=10, verbose_name='PAN'),
        ),
        migrations.AddField(
            model_name='owner',
            name='state',
            field=models.CharField(blank=True, db_default='', default='', help_text='The two digits of the state, 29 for Karnataka.', max_length=2),
        ),
        migrations.AlterField(
            model_name='notification',
            name='channel',
            field=models.CharField(choices=[('email', 'e-mail'), ('webhook', 'JSON to ALERT_WEBHOOK_URL'), ('log', 'a line in the log, where there is no address')], max_length=16),
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('alert', 'an alert for operators'), ('password', 'a token to choose a password'), ('rent_due', 'rent is due in three days'), ('rent_overdue', 'rent is overdue'), ('payment_received', 'a payment was received'), ('payment_failed', 'a payment failed'), ('refund_done', 'a refund was paid'), ('refund_failed', 'a refund failed'), ('subscription_renews', 'the subscription renews in three days'), ('subscription_past_due', 'the subscription is past due'), ('subscription_expired', 'the subscription has expired'), ('debit_announced', 'a debit by UPI AutoPay is announced'), ('debit_failed', 'a debit by UPI AutoPay failed'), ('mandate_paused', 'the UPI AutoPay mandate is paused'), ('mandate_revoked', 'the UPI AutoPay mandate is revoked')], max_length=32),
        ),
        migrations.CreateModel(
            name='InvoiceSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('prefix', models.CharField(max_length=4)),
                ('financial_year', models.CharField(help_text='26-27 is April 2026 to March 2027.', max_length=5)),
                ('last_number', models.PositiveIntegerField(default=0)),
            ],
            options={
                'verbose_name_plural': 'invoice series',
                'constraints': [models.UniqueConstraint(fields=('prefix', 'financial_year'), name='one_series_per_prefix_and_year')],
            },
        ),
        migrations.CreateModel(
            name='Invoice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('tax_invoice', 'tax invoice'), ('credit_note', 'credit note')], max_length=16)),
                ('sequence', models.PositiveIntegerField()),
                ('number', models.CharField(max_length=16, unique=True)),
                ('issued_at', models.DateTimeField()),
                ('taxable_paise', models.BigIntegerField()),
                ('cgst_paise', models.BigIntegerField()),
                ('sgst_paise', models.BigIntegerField()),
                ('igst_paise', models.BigIntegerField()),
                ('total_paise', models.BigIntegerField()),
                ('said', models.JSONField()),
                ('credits', models.ForeignKey(blank=True, help_text='The invoice.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_notes', to='core.invoice')),
                ('payment', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='core.ownersubscriptionpayment')),
                ('refund', models.OneToOneField(blank=True, help_text='What went back.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credit_note', to='core.refund')),
                ('series', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='core.invoiceseries')),
            ],
            options={
                'ordering': ['-issued_at', '-pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['tax_invoice', 'credit_note'])), name='invoice_kind_known'), models.UniqueConstraint(fields=('series', 'sequence'), name='invoice_number_once'), models.UniqueConstraint(condition=models.Q(('kind', 'tax_invoice')), fields=('payment',), name='one_invoice_per_payment'), models.CheckConstraint(condition=models.Q(models.Q(('credits__isnull', True), ('kind', 'tax_invoice'), ('refund__isnull', True)), models.Q(('credits__isnull', False), ('kind', 'credit_note'), ('refund__isnull', False)), _connector='OR'), name='credit_note_credits_an_invoice'), models.CheckConstraint(condition=models.Q(('total_paise', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('taxable_paise'), '+', models.F('cgst_paise')), '+', models.F('sgst_paise')), '+', models.F('igst_paise'))), ('total_paise__gt', 0)), name='invoice_adds_up')],
            },
        ),
        migrations.CreateModel(
            name='NotificationSwitch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('rent_due', 'rent is due in three days'), ('rent_overdue', 'rent is overdue'), ('payment_received', 'a payment was received'), ('payment_failed', 'a payment failed'), ('refund_done', 'a refund was paid'), ('refund_failed', 'a refund failed'), ('subscription_renews', 'the subscription renews in three days'), ('subscription_past_due', 'the subscription is past due'), ('subscription_expired', 'the subscription has expired'), ('debit_failed', 'a debit by UPI AutoPay failed'), ('mandate_paused', 'the UPI AutoPay mandate is paused'), ('mandate_revoked', 'the UPI AutoPay mandate is revoked')], max_length=32)),
                ('user', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='switched_off', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'kind'), name='switched_off_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['rent_due', 'rent_overdue', 'payment_received', 'payment_failed', 'refund_done', 'refund_failed', 'subscription_renews', 'subscription_past_due', 'subscription_expired', 'debit_failed', 'mandate_paused', 'mandate_revoked'])), name='notification_can_be_switched_off')],
            },
        ),
        migrations.RunPython(protect_papers, migrations.RunPython.noop),
    ]
