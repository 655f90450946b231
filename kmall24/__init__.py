"""The composition root: settings, addresses, Celery, base templates. It knows everyone and holds no business logic."""
