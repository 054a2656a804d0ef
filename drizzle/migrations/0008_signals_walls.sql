-- What is there already was said once: each signal is a report of itself, so that its source is understood when it speaks of it again.
alter table signals no force row level security;
--> statement-breakpoint
update signals set last_seen_at = reported_at where last_seen_at is null;
--> statement-breakpoint
insert into signal_reports (id, tenant_id, signal_id, source, external_id, identity, fingerprint, digest, newest, severity, confidence, area_keys, occurred_at, reported_at, received_at)
select id, tenant_id, id, source, external_id,
  case when external_id is not null then encode(sha256(convert_to(concat_ws(E'\n', classification, coalesce(entity_id::text, ''), source, external_id), 'UTF8')), 'hex') end,
  '', '', true, severity, confidence, '{}', occurred_at, reported_at, created_at
from signals;
--> statement-breakpoint
alter table signals force row level security;
--> statement-breakpoint
-- The wall, for what belongs to signals. Nothing is deleted: what is over has `ended_at` or `deleted_at`.
do $$
declare t text;
begin
  foreach t in array array['signal_reports', 'signal_alerts', 'signal_groups', 'signal_ties', 'signal_assessments', 'signal_notes', 'signal_links', 'signal_views', 'signal_feeds'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
  end loop;
end $$;
--> statement-breakpoint
grant select, insert on signal_assessments, signal_notes, signal_alerts to dais_app;
--> statement-breakpoint
-- An alert that came before the one that it speaks of learns later whose it is. What it says never changes.
grant update (signal_id) on signal_alerts to dais_app;
--> statement-breakpoint
grant select, insert, update on signal_reports, signal_groups, signal_ties, signal_links, signal_views, signal_feeds to dais_app;
--> statement-breakpoint
insert into workflow_moves (machine, from_state, event, to_state) values
  ('signal', 'new', 'snooze', 'snoozed'),
  ('signal', 'new', 'withdraw', 'withdrawn'),
  ('signal', 'new', 'merge', 'merged'),
  ('signal', 'acknowledged', 'snooze', 'snoozed'),
  ('signal', 'acknowledged', 'raise', 'new'),
  ('signal', 'acknowledged', 'withdraw', 'withdrawn'),
  ('signal', 'acknowledged', 'merge', 'merged'),
  ('signal', 'snoozed', 'wake', 'new'),
  ('signal', 'snoozed', 'acknowledge', 'acknowledged'),
  ('signal', 'snoozed', 'withdraw', 'withdrawn'),
  ('signal', 'snoozed', 'merge', 'merged'),
  ('signal', 'dismissed', 'reopen', 'new'),
  ('signal', 'dismissed', 'withdraw', 'withdrawn'),
  ('signal', 'dismissed', 'merge', 'merged'),
  ('signal', 'escalated', 'withdraw', 'withdrawn'),
  ('signal', 'escalated', 'merge', 'merged'),
  ('signal', 'withdrawn', 'reopen', 'new'),
  ('signal', 'withdrawn', 'merge', 'merged');
--> statement-breakpoint
-- Words as the search compares them: what is invisible is dropped, and the ways to write an Arabic letter or a digit become one; then of
-- an Arabic word its article, `wa-` and the commonest endings. What is plain ASCII stays as it is.
create function plain_words(said text) returns text language sql immutable parallel safe
  return case when octet_length(said) = length(said) then said else (
    select case when folded !~ '[\u0621-\u064a]' then folded else regexp_replace(
      regexp_replace(folded, '(?<![\u0621-\u064a])و?(?:ف?[بك]?ال|لل)?و?(?=[\u0621-\u064a]{3})', '', 'g'),
      '([\u0621-\u064a]{3}?)(?:ها|ان|ات|ون|ين|يه|ه|ي)+([^\u0621-\u064a]|$)', '\1\2', 'g') end
    from translate(
      regexp_replace(said, '[\u0640\u064b-\u065f\u0670\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+', '', 'g'),
      'أإآٱىةؤئ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹“”،؛؟٪«»', 'اااايهوي01234567890123456789""      ') as folded
  ) end;
--> statement-breakpoint
create text search configuration signal_words (copy = pg_catalog.english);
--> statement-breakpoint
-- English words by their stems. Others as they are: those in Arabic have lost what differs by now.
alter text search configuration signal_words alter mapping for word, hword, hword_part with pg_catalog.simple;
--> statement-breakpoint
-- What a signal is found by: its words in all languages; each of its geocodes behind an `@` and its organisation behind a `#`, which no word
-- begins with. By its organisation, so that what others write makes no search slower.
create function signal_words(tenant_id uuid, title text, body text, area text, translations jsonb, geocodes text[]) returns tsvector
  language sql immutable parallel safe
  return setweight(to_tsvector('public.signal_words', plain_words(title)), 'A')
    || to_tsvector('public.signal_words', plain_words(left(body, 20000) || ' ' || coalesce(area, '')))
    || case when translations is null then '' else to_tsvector('public.signal_words', plain_words(left((
      select string_agg(concat_ws(' ', said->>'title', left(said->>'body', 20000)), ' ') from jsonb_array_elements(translations) as said
    ), 60000))) end
    || array_to_tsvector(array(select '@' || code from unnest(geocodes) as code) || ('#' || tenant_id));
--> statement-breakpoint
-- What somebody looks for, in the syntax of web searches. Text without any word that counts finds nothing.
create function signal_search(said text) returns tsquery language sql immutable parallel safe
  return coalesce(nullif(websearch_to_tsquery('public.signal_words', plain_words(said)), ''), '@ & !@');
--> statement-breakpoint
alter table signals add column words tsvector generated always as (signal_words(tenant_id, title, body, area, translations, geocodes)) stored;
--> statement-breakpoint
create index signals_words on signals using gin (words);
--> statement-breakpoint
-- Boxes on a map of which each organisation has a stretch of its own, so that they don't meet those of others.
create function signal_stretch(tenant_id uuid) returns double precision language sql immutable parallel safe
  return 1000.0 * ('x' || right(tenant_id::text, 5))::bit(20)::int;
--> statement-breakpoint
create function signal_box(tenant_id uuid, west double precision, south double precision, east double precision, north double precision)
  returns box language sql immutable parallel safe
  return box(point(signal_stretch(tenant_id) + west, south), point(signal_stretch(tenant_id) + east, north));
--> statement-breakpoint
create index signals_bounds on signals using gist (signal_box(tenant_id, west, south, east, north)) where west is not null;
--> statement-breakpoint
-- Behind a policy, Postgres uses no index whose operator might tell of a row that the policy hides, and for words and boxes all might. This
-- view is the same wall as a plain condition, under which it may; in a form that makes it choose none for the organisation instead.
do $$ begin execute format('create policy owner on signals for select to %I using (true)', current_user); end $$;
--> statement-breakpoint
create view signals_seen as select * from signals where (tenant_id = current_setting('dais.tenant')::uuid) is true;
--> statement-breakpoint
grant select on signals_seen to dais_app;
--> statement-breakpoint
-- Along the globe, by the haversine formula.
create function metres_between(lat1 double precision, lon1 double precision, lat2 double precision, lon2 double precision)
  returns double precision language sql immutable parallel safe
  return 2 * 6371008.8 * asin(least(1, sqrt(
    sin(radians(lat2 - lat1) / 2) ^ 2 + cos(radians(lat1)) * cos(radians(lat2)) * sin(radians(lon2 - lon1) / 2) ^ 2)));
--> statement-breakpoint
-- From a point to a ring, 0 inside of it. As @dais/cap/geometry measures it: edges go the shorter way around the globe and are straight on a
-- map of degrees; a ring around a pole has what lies between it and the pole; the nearest place is looked for on a flat map around the point.
create function metres_to_ring(lat double precision, lon double precision, ring jsonb) returns double precision
  language sql immutable parallel safe
  begin atomic
    with corner as (
      select n, (c->>'lat')::double precision as y, (c->>'lon')::double precision as x
      from jsonb_array_elements(ring) with ordinality as t (c, n)
    ), step as (
      select *, x - lag(x) over (order by n) as by from corner
    ), line as (
      select n, y, x + 360 * sum(case when by > 180 then -1 when by < -180 then 1 else 0 end) over (order by n) as x from step
    ), ends as (
      select f.y, f.x, l.n, l.x as last, case when (select sum(y) from line) < 0 then -90 else 90 end as pole
      from (select * from line order by n limit 1) f, (select * from line order by n desc limit 1) l
    ), whole as (
      select * from line
      union all select n + 1, pole, last from ends where abs(last - x) > 180
      union all select n + 2, pole, x from ends where abs(last - x) > 180
      union all select n + 3, y, x from ends where abs(last - x) > 180
    ), edge as (
      select y, x, lead(y) over (order by n) as y2, lead(x) over (order by n) as x2 from whole
    ), inside as (
      select from edge, generate_series(-2, 2) as turn
      where x2 is not null and (y > lat) <> (y2 > lat) and lon + 360 * turn < x + (lat - y) / (y2 - y) * (x2 - x)
      group by turn having count(*) % 2 = 1
    ), side as (
      select y, x, y2 - y as dy, x2 - x as dx, x - lon - 360 * turn as ox, y - lat as oy, cos(radians(lat)) as k
      from edge, lateral (values (round((x - lon) / 360)), (round((x2 - lon) / 360))) as t (turn) where x2 is not null
    ), nearest as (
      select y + part * dy as y, x + part * dx as x
      from side, lateral (
        select case when dx = 0 and dy = 0 then 0 else least(1, greatest(0, -(ox * k * dx * k + oy * dy) / ((dx * k) ^ 2 + dy ^ 2))) end as part
      ) as p
      order by ((ox + part * dx) * k) ^ 2 + (oy + part * dy) ^ 2 limit 1
    )
    select case when exists (select from inside) then 0 else (select metres_between(lat, lon, y, x) from nearest) end;
  end;
--> statement-breakpoint
-- From a point to the nearest of the shapes of a place.
create function metres_to(lat double precision, lon double precision, place jsonb) returns double precision
  language sql immutable parallel safe
  return least(
    (select min(metres_between(lat, lon, (p->>'lat')::double precision, (p->>'lon')::double precision))
      from jsonb_array_elements(place->'points') as p),
    (select min(greatest(0, metres_between(lat, lon, (c->>'lat')::double precision, (c->>'lon')::double precision)
      - 1000 * (c->>'radiusKm')::double precision)) from jsonb_array_elements(place->'circles') as c),
    (select min(metres_to_ring(lat, lon, ring)) from jsonb_array_elements(place->'polygons') as ring));
