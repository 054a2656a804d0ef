-- Words, places and days in ONE index, so that Postgres finds where they meet inside of it, and not in the rows. What an organisation's
-- signals are found by lies apart from others': in the days, which are always asked for.
drop view signals_seen;
--> statement-breakpoint
drop index signals_words, signals_bounds;
--> statement-breakpoint
alter table signals drop column words;
--> statement-breakpoint
drop function signal_words(uuid, text, text, text, jsonb, text[]), signal_box, signal_stretch;
--> statement-breakpoint
-- What a signal is found by: its words in all languages, and each of its geocodes behind an `@`, which no word begins with.
create function signal_words(title text, body text, area text, translations jsonb, geocodes text[]) returns tsvector
  language sql immutable parallel safe
  return setweight(to_tsvector('public.signal_words', plain_words(title)), 'A')
    || to_tsvector('public.signal_words', plain_words(left(body, 20000) || ' ' || coalesce(area, '')))
    || case when translations is null then '' else to_tsvector('public.signal_words', plain_words(left((
      select string_agg(concat_ws(' ', said->>'title', left(said->>'body', 20000)), ' ') from jsonb_array_elements(translations) as said
    ), 60000))) end
    || array_to_tsvector(array(select '@' || code from unnest(geocodes) as code));
--> statement-breakpoint
alter table signals add column words tsvector generated always as (signal_words(title, body, area, translations, geocodes)) stored;
--> statement-breakpoint
-- A stretch of 8^level days of one organisation: bits 60-61 say `2`, 54-59 the level, 24-53 which stretch, 0-23 the organisation. Level 7: all.
create function signal_days(tenant_id uuid, level int, stretch bigint) returns bigint language sql immutable parallel safe
  return (2::bigint << 60) | (level::bigint << 54) | (stretch << 24) | ('x' || right(tenant_id::text, 6))::bit(24)::int;
--> statement-breakpoint
-- The day of a moment, counted from long before year 1.
create function signal_day(at timestamptz) returns bigint language sql immutable parallel safe
  return floor(extract(epoch from at) / 86400)::bigint + 2000000;
--> statement-breakpoint
-- The fewest stretches that the days from `first` to `last` consist of; where either end is open, all there is.
create function signal_days(tenant_id uuid, first timestamptz, last timestamptz) returns bigint[] language plpgsql immutable parallel safe as $$
declare
  low bigint; high bigint; level int := 0; marks bigint[] := '{}';
begin
  if not (isfinite(first) and isfinite(last)) then return array[public.signal_days(tenant_id, 7, 0)]; end if;
  low := public.signal_day(first);
  high := public.signal_day(last) + 1;
  while low < high loop
    if level = 5 or (low + 7) >> 3 >= high >> 3 then
      return marks || array(select public.signal_days(tenant_id, level, n) from generate_series(low, high - 1) as n);
    end if;
    marks := marks || array(select public.signal_days(tenant_id, level, n) from generate_series(low, ((low + 7) >> 3 << 3) - 1) as n)
      || array(select public.signal_days(tenant_id, level, n) from generate_series(high >> 3 << 3, high - 1) as n);
    low := (low + 7) >> 3;
    high := high >> 3;
    level := level + 1;
  end loop;
  return marks;
end $$;
--> statement-breakpoint
-- Functions that an index stands on name their schema: Postgres rebuilds it with none in sight.
-- What a signal is found by besides words. Its day, in stretches of all lengths. And its place on a map that is halved again and again, in both
-- directions: the finest cells of which three by three hold it, as cells that end there (bits 60-61 `1`), and these and all that hold
-- them as cells that it lies in (`0`). Bits 54-59 say the level, 27-53 the column, 0-26 the row. Two places may meet where one's finest cell
-- lies in the other's: see `cellsOf`, which says the same of a place that is looked for.
create function signal_marks(tenant_id uuid, at timestamptz, west double precision, south double precision, east double precision,
  north double precision) returns bigint[] language plpgsql immutable parallel safe as $$
declare
  day bigint := public.signal_day(at);
  marks bigint[] := array(select public.signal_days(tenant_id, n, day >> (3 * n)) from generate_series(0, 5) as n) || public.signal_days(tenant_id, 7, 0);
  level int := 11;
  size double precision; left_ int; right_ int; bottom int; top int;
begin
  if west is null then return marks; end if;
  loop
    size := 360.0 / (1 << level);
    left_ := floor((west + 180) / size);
    right_ := floor((east + 180) / size);
    bottom := least(floor((south + 90) / size * 2), (1 << level) - 1);
    top := least(floor((north + 90) / size * 2), (1 << level) - 1);
    exit when level = 0 or (right_ - left_ < 3 and top - bottom < 3);
    level := level - 1;
  end loop;
  return marks || array(
    select distinct its from generate_series(left_, right_) as x, generate_series(bottom, top) as y,
      lateral (select (x & ((1 << level) - 1))::bigint as x, y::bigint as y) as cell,
      lateral (
        select (1::bigint << 60) | (level::bigint << 54) | (cell.x << 27) | cell.y as its
        union all
        select (n::bigint << 54) | ((cell.x >> (level - n)) << 27) | (cell.y >> (level - n)) from generate_series(0, level) as n
      ) as of_it
  );
end $$;
--> statement-breakpoint
create index signals_found on signals using gin (words, signal_marks(tenant_id, occurred_at, west, south, east, north));
--> statement-breakpoint
-- As it was: the same wall as the policy, as a plain condition.
create view signals_seen as select * from signals where (tenant_id = current_setting('dais.tenant')::uuid) is true;
--> statement-breakpoint
grant select on signals_seen to dais_app;
