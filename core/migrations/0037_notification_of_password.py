from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("core", "0036_password_guesses")]

    operations = [
        migrations.AlterField(
            model_name="notification",
            name="kind",
            field=models.CharField(
                choices=[("alert", "an alert for operators"), ("password", "a token to choose a password")],
                max_length=32,
            ),
        ),
    ]
