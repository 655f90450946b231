# The store as one image: web, worker, beat and the migration job differ in their command only (docker-compose.yml).
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /srv/kmall24

COPY requirements.txt .
RUN pip install --require-hashes --only-binary :all: -r requirements.txt

RUN useradd --system --uid 10001 --home-dir /nonexistent --shell /usr/sbin/nologin store \
    && install -d -o store -g store -m 0700 /var/lib/kmall24
ENV KMALL24_STATE_DIR=/var/lib/kmall24

COPY . .
# Static files and translations belong to the image; the addresses only keep embedded engines from being looked for.
RUN DATABASE_URL=postgres://build@none/none REDIS_URL=redis://none/0 SECRET_KEY=only-for-this-step \
    python manage.py translations --compile \
    && DATABASE_URL=postgres://build@none/none REDIS_URL=redis://none/0 SECRET_KEY=only-for-this-step \
    python manage.py collectstatic --no-input --verbosity 0 \
    && chown -R store:store staticfiles && rm -rf /var/lib/kmall24/*

USER store
EXPOSE 8000
CMD ["python", "-m", "gunicorn", "kmall24.wsgi:application", "--no-control-socket", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", "--worker-class", "gthread"]
