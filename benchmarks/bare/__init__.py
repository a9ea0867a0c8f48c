"""The limits: the least that Django can do for the same work, on the same gunicorn settings and the same database."""
