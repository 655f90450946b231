-- What only a law keeps: a schema that the application role cannot enter, and the functions by which it may do the little
-- that it must. Installed by the owner at every migration (privacy/internal/archive.py); safe to repeat.

CREATE SCHEMA IF NOT EXISTS law_archive;
REVOKE ALL ON SCHEMA law_archive FROM PUBLIC;
CREATE TABLE IF NOT EXISTS law_archive.rule (
    table_name text PRIMARY KEY,
    pk_column text NOT NULL,
    pk_type text NOT NULL,
    law text NOT NULL,
    personal_columns text[] NOT NULL,
    link_columns text[] NOT NULL,
    records text NOT NULL
);
CREATE TABLE IF NOT EXISTS law_archive.kept (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    table_name text NOT NULL,
    row_id text NOT NULL,
    parent text NOT NULL,
    subject_id uuid,
    law text NOT NULL,
    until timestamptz NOT NULL,
    personal_values jsonb NOT NULL,
    links jsonb NOT NULL,
    moved_at timestamptz NOT NULL,
    UNIQUE (table_name, row_id)
);
CREATE INDEX IF NOT EXISTS kept_of_person ON law_archive.kept (subject_id);
CREATE INDEX IF NOT EXISTS kept_of_parent ON law_archive.kept (table_name, parent);
CREATE INDEX IF NOT EXISTS kept_until ON law_archive.kept (until);
REVOKE ALL ON ALL TABLES IN SCHEMA law_archive FROM PUBLIC;

-- A moment that has not come cannot be reckoned for: nobody empties the archive by saying that it is the year 2100.
CREATE OR REPLACE FUNCTION law_archive.refuse_what_has_not_come(at timestamptz) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
    IF at > clock_timestamp() + interval '1 minute' THEN
        RAISE EXCEPTION 'law archive: % has not come yet', at USING ERRCODE = 'invalid_parameter_value';
    END IF;
END $body$;

-- Copies the rows that a law or a hold keeps beyond this moment into the archive, and says which and until when. What
-- is kept, and how long, is in the rules: the caller only names rows.
CREATE OR REPLACE FUNCTION privacy_archive_take(wanted text, ids text[], at timestamptz)
RETURNS TABLE (row_id text, law text, until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $body$
DECLARE
    rule law_archive.rule%ROWTYPE;
BEGIN
    PERFORM law_archive.refuse_what_has_not_come(at);
    SELECT * INTO rule FROM law_archive.rule r WHERE r.table_name = wanted;
    IF rule.table_name IS NULL THEN
        RAISE EXCEPTION 'law archive: there is no rule for %', wanted USING ERRCODE = 'invalid_parameter_value';
    END IF;
    RETURN QUERY EXECUTE format($query$
        WITH dying AS (
            SELECT t.%2$I::text AS row_id, d.person, coalesce(d.parent, '') AS parent, to_jsonb(t) AS whole,
                   d.clock + d.period AS law_ends
              FROM %3$I t JOIN (%1$s) d ON d.key = t.%2$I
             WHERE t.%2$I = ANY ($1::%4$s[])
        ), held AS (
            SELECT y.row_id, min(h.until) AS until, string_agg(DISTINCT h.law, '; ') AS law,
                   array_agg(DISTINCT c.name) AS columns
              FROM dying y
              JOIN privacy_legalhold h ON h.table_name = $2 AND h.row_id IN ('', y.row_id)
                                      AND h.lifted_at IS NULL AND h.until > $3
              JOIN unnest($4) AS c (name) ON h.column_name IN ('', c.name)
             WHERE coalesce(y.law_ends <= $3, true)
             GROUP BY y.row_id
        )
        INSERT INTO law_archive.kept
               (table_name, row_id, parent, subject_id, law, until, personal_values, links, moved_at)
        SELECT $2, y.row_id, y.parent, y.person,
               CASE WHEN y.law_ends > $3 THEN $6 ELSE held.law END,
               CASE WHEN y.law_ends > $3 THEN y.law_ends ELSE held.until END,
               (SELECT jsonb_object_agg(name, y.whole -> name)
                  FROM unnest(CASE WHEN y.law_ends > $3 THEN $4 ELSE held.columns END) AS c (name)),
               coalesce((SELECT jsonb_object_agg(name, y.whole -> name) FROM unnest($5) AS c (name)), '{}'),
               $3
          FROM dying y LEFT JOIN held USING (row_id)
         WHERE y.law_ends > $3 OR held.row_id IS NOT NULL
            ON CONFLICT (table_name, row_id) DO UPDATE
           SET until = EXCLUDED.until, law = EXCLUDED.law, personal_values = EXCLUDED.personal_values,
               subject_id = coalesce(EXCLUDED.subject_id, kept.subject_id)
        RETURNING kept.row_id, kept.law, kept.until
        $query$, rule.records, rule.pk_column, rule.table_name, rule.pk_type)
    USING ids, rule.table_name, at, rule.personal_columns, rule.link_columns, rule.law;
END $body$;

-- Removes what no law keeps any more; where a hold stands, only the held values stay, until the first of the holds ends.
CREATE OR REPLACE FUNCTION privacy_archive_expire(at timestamptz, most integer)
RETURNS TABLE (table_name text, law text, removed bigint, prolonged bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $body$
DECLARE
    batch bigint[];
BEGIN
    PERFORM law_archive.refuse_what_has_not_come(at);
    SELECT array_agg(d.id) INTO batch
      FROM (SELECT k.id FROM law_archive.kept k WHERE k.until <= at ORDER BY k.until LIMIT most
            FOR UPDATE SKIP LOCKED) d;
    RETURN QUERY
        WITH held AS (
            SELECT k.id, min(h.until) AS last_day, string_agg(DISTINCT h.law, '; ') AS laws,
                   array_agg(DISTINCT v.name) AS names
              FROM law_archive.kept k
              CROSS JOIN jsonb_object_keys(k.personal_values) AS v (name)
              JOIN privacy_legalhold h ON h.table_name = k.table_name AND h.row_id IN ('', k.row_id)
                                      AND h.column_name IN ('', v.name) AND h.lifted_at IS NULL AND h.until > at
             WHERE k.id = ANY (batch)
             GROUP BY k.id
        ), longer AS (
            UPDATE law_archive.kept k
               SET until = held.last_day, law = held.laws,
                   personal_values = (SELECT jsonb_object_agg(c.name, k.personal_values -> c.name)
                                        FROM unnest(held.names) AS c (name))
              FROM held JOIN law_archive.kept b ON b.id = held.id
             WHERE k.id = held.id
            RETURNING b.table_name AS place, b.law AS under, 0 AS gone
        ), removals AS (
            DELETE FROM law_archive.kept k WHERE k.id = ANY (batch) AND k.id NOT IN (SELECT held.id FROM held)
            RETURNING k.table_name AS place, k.law AS under, 1 AS gone
        ), both_ways AS (
            SELECT * FROM longer UNION ALL SELECT * FROM removals
        )
        SELECT w.place, w.under, sum(w.gone), count(*) - sum(w.gone) FROM both_ways w GROUP BY w.place, w.under;
    -- Read back: nothing of this batch may still stand here beyond its day.
    IF EXISTS (SELECT 1 FROM law_archive.kept k WHERE k.id = ANY (batch) AND k.until <= at) THEN
        RAISE EXCEPTION 'law archive: rows outlived their removal';
    END IF;
END $body$;

-- Writes down who wants to see what, before anything is shown.
CREATE OR REPLACE FUNCTION privacy_archive_ask(person uuid, named_law text, named_reason text, asker uuid)
RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $body$
DECLARE
    trace uuid := gen_random_uuid();
    found bigint;
BEGIN
    IF length(btrim(coalesce(named_law, ''))) = 0 OR length(btrim(coalesce(named_reason, ''))) < 10 THEN
        RAISE EXCEPTION 'law archive: a look names the law and a reason of at least ten letters'
            USING ERRCODE = 'invalid_parameter_value';
    END IF;
    SELECT count(*) INTO found FROM law_archive.kept k
     WHERE k.law = named_law
       AND k.subject_id IN (SELECT s.id FROM privacy_subject s WHERE s.id = person OR s.merged_into_id = person);
    INSERT INTO privacy_archivelook (id, subject_id, staff_id, law, reason, rows, transaction_id, looked_at)
    VALUES (trace, person, asker, named_law, btrim(named_reason), found,
            pg_current_xact_id()::text::bigint, clock_timestamp());
    RETURN trace;
END $body$;

-- The same for whoever knows only the order, the payment or the case: whose it was, the archive knows.
CREATE OR REPLACE FUNCTION privacy_archive_ask_of(
    wanted text, belongs_to text, named_law text, named_reason text, asker uuid
)
RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $body$
DECLARE
    person uuid;
BEGIN
    SELECT k.subject_id INTO person FROM law_archive.kept k
     WHERE k.table_name = wanted AND k.parent = belongs_to AND k.subject_id IS NOT NULL ORDER BY k.id DESC LIMIT 1;
    IF person IS NULL THEN
        RAISE EXCEPTION 'law archive: nothing of it is kept' USING ERRCODE = 'no_data_found';
    END IF;
    RETURN privacy_archive_ask(person, named_law, named_reason, asker);
END $body$;

-- Shows what was asked for: once the question is committed, and for a quarter of an hour.
CREATE OR REPLACE FUNCTION privacy_archive_open(trace uuid)
RETURNS TABLE (table_name text, row_id text, parent text, until timestamptz, personal_values jsonb, links jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $body$
DECLARE
    asked privacy_archivelook%ROWTYPE;
BEGIN
    SELECT * INTO asked FROM privacy_archivelook l
     WHERE l.id = trace AND l.looked_at > clock_timestamp() - interval '15 minutes';
    IF asked.id IS NULL OR asked.transaction_id = pg_current_xact_id()::text::bigint THEN
        RAISE EXCEPTION 'law archive: ask first, with law and reason, and commit the question'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN QUERY
        SELECT k.table_name, k.row_id, k.parent, k.until, k.personal_values, k.links FROM law_archive.kept k
         WHERE k.law = asked.law
           AND k.subject_id IN (SELECT s.id FROM privacy_subject s
                                 WHERE s.id = asked.subject_id OR s.merged_into_id = asked.subject_id)
         ORDER BY k.table_name, k.id;
END $body$;

-- What is kept of some people, by which law and until when; never a value.
CREATE OR REPLACE FUNCTION privacy_archive_index(people uuid[])
RETURNS TABLE (person uuid, table_name text, row_id text, law text, until timestamptz, names text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $body$
BEGIN
    RETURN QUERY
        SELECT k.subject_id, k.table_name, k.row_id, k.law, k.until, ARRAY(SELECT jsonb_object_keys(k.personal_values))
          FROM law_archive.kept k WHERE k.subject_id = ANY (people) ORDER BY k.table_name, k.id;
END $body$;

-- What is kept of one order, payment or case, by which law and until when; never a value.
CREATE OR REPLACE FUNCTION privacy_archive_of(wanted text, belongs_to text)
RETURNS TABLE (law text, until timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $body$
BEGIN
    RETURN QUERY SELECT k.law, k.until FROM law_archive.kept k
                  WHERE k.table_name = wanted AND k.parent = belongs_to ORDER BY k.until DESC;
END $body$;

-- How much is kept by which law, and how much of it is past a moment. Counts only.
CREATE OR REPLACE FUNCTION privacy_archive_counts(at timestamptz)
RETURNS TABLE (table_name text, law text, kept bigint, due bigint, first_day timestamptz, last_day timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $body$
BEGIN
    RETURN QUERY SELECT k.table_name, k.law, count(*), count(*) FILTER (WHERE k.until <= at), min(k.until), max(k.until)
                   FROM law_archive.kept k GROUP BY k.table_name, k.law ORDER BY k.table_name, k.law;
END $body$;
