-- The wall, for what workflows keep, and four eyes as a rule of the database. Nothing is deleted but rows of `waiting`, which only say
-- again what states say.
do $$
declare t text;
begin
  foreach t in array array['delegations', 'posture_changes', 'posture_levels', 'proposals', 'terms', 'waiting'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
  end loop;
end $$;
--> statement-breakpoint
grant select, insert, update on delegations, posture_changes, posture_levels, terms, waiting to dais_app;
--> statement-breakpoint
-- What was proposed, and what was shown of it, stays as it was: only the decision comes to it.
grant select, insert, update (state, state_reason, decided_by, decided_at, output, version, updated_at) on proposals to dais_app;
--> statement-breakpoint
grant delete on posture_levels, terms, waiting to dais_app;
--> statement-breakpoint
grant insert on posture to dais_app;
--> statement-breakpoint
grant insert (persons) on audit to dais_app;
--> statement-breakpoint
-- One of `who` that had a hand in a thing's content: who made it, changed it, or made one of the moves that count as such; null where
-- none of them did. The audit log knows, and can't be changed.
create function had_a_hand(tenant uuid, machine text, resource uuid, who text[]) returns text language sql stable as $$
  select p from audit h cross join unnest(h.persons) as p
  where h.tenant_id = tenant and h.resource_id = resource and h.resource_type = had_a_hand.machine and h.outcome = 'done' and h.changed
    and p = any (who)
    and (h.event is null or coalesce(h.from_state, '') = ''
      or exists (select from workflow_moves m where m.machine = h.resource_type and m.event = h.event and m.hand))
  limit 1
$$;
--> statement-breakpoint
-- No state without its legal move and its audit entry, in the same transaction, whoever writes; and no move that needs four eyes by
-- whoever had a hand in the thing, or by nobody. Deferred: the entry comes last.
create or replace function workflow_checked() returns trigger language plpgsql as $$
declare
  was text := case when tg_op = 'UPDATE' then old.state else '' end;
  moved record;
  found_one boolean := false;
begin
  for moved in
    select a.actor_kind, a.actor_id, a.persons, m.four_eyes from audit a
    join workflow_moves m on m.machine = tg_argv[0] and m.from_state = was and m.to_state = new.state and m.event = a.event
    where a.tenant_id = new.tenant_id and a.resource_id = new.id and a.resource_type = tg_argv[0]
      and a.xid = pg_current_xact_id() and a.outcome = 'done'
      and coalesce(a.from_state, '') = was and a.to_state = new.state
  loop
    found_one := true;
    if moved.four_eyes and (
      cardinality(moved.persons) = 0 or (moved.actor_kind = 'user' and moved.actor_id <> all (moved.persons))
      or had_a_hand(new.tenant_id, tg_argv[0], new.id, moved.persons) is not null
    ) then
      raise exception '% %: "%" to "%" needs somebody who had no hand in it', tg_argv[0], new.id, was, new.state using errcode = 'DA003';
    end if;
  end loop;
  if not found_one then
    raise exception '% %: no legal, audited move from "%" to "%"', tg_argv[0], new.id, was, new.state using errcode = 'DA001';
  end if;
  return null;
end $$;
--> statement-breakpoint
-- When a term ends that began at `since`: so many hours later, or with the n-th working day after the day on which it began, by the
-- organisation's calendar in its zone. `usual`: the calendar where it has said nothing. A day ends where its last moment does, whatever
-- the clock does at midnight.
create function end_of_term(tenant uuid, since timestamptz, hours int, days int, usual jsonb) returns timestamptz language sql stable as $$
  select case when hours is not null then since + make_interval(hours => hours) else (
    select ((day + 1)::timestamp - interval '1 millisecond') at time zone o.time_zone + interval '1 millisecond'
    from organisations o
      cross join lateral (select usual || coalesce(o.settings -> 'calendar', '{}') as calendar) as c
      cross join lateral (select array(select jsonb_array_elements_text(c.calendar -> 'weekend')) as weekend,
        array(select jsonb_array_elements_text(c.calendar -> 'holidays')::date) as holidays) as off
      cross join lateral generate_series(1, (days + cardinality(off.holidays)) * 7 + 7) as n
      cross join lateral (select (since at time zone o.time_zone)::date + n as day) as its
    where o.id = tenant and to_char(day, 'FMday') <> all (off.weekend) and day <> all (off.holidays)
    order by n offset days - 1 limit 1
  ) end
$$;
--> statement-breakpoint
-- What others let a person do, as JSON: the delegations that are not over at `at`, each with those of its moves that its giver may make
-- by themselves now. What is for everything comes first.
create function lent_to(person uuid, at timestamptz) returns json language sql stable as $$
  select coalesce(json_agg(json_build_object('id', d.id, 'from', d.from_id, 'entity', d.entity_id, 'starts_at', d.starts_at,
    'until', d.until, 'clearance', g.clearance, 'moves', array(select m from unnest(d.moves) as m where m = any (own.held)))
    order by d.entity_id is not null, d.until desc, d.id), '[]')
  from delegations d join people g on g.tenant_id = d.tenant_id and g.id = d.from_id
    cross join lateral (select case when g.disabled_at is null then permissions_of(roles_of(g.id)) else '{}' end as held) as own
  where d.to_id = person and d.ended_at is null and d.until > at
$$;
--> statement-breakpoint
insert into workflow_moves (machine, from_state, event, to_state, four_eyes) values
  ('posture', '', 'propose', 'proposed', false),
  ('posture', 'proposed', 'confirm', 'confirmed', true),
  ('posture', 'proposed', 'reject', 'rejected', false),
  ('posture', 'proposed', 'withdraw', 'withdrawn', false),
  ('posture', 'proposed', 'supersede', 'superseded', false),
  ('proposal', '', 'make', 'open', false),
  ('proposal', 'open', 'approve', 'approved', true),
  ('proposal', 'open', 'reject', 'rejected', false),
  ('proposal', 'open', 'withdraw', 'withdrawn', false),
  ('proposal', 'open', 'expire', 'expired', false),
  ('proposal', 'open', 'void', 'stale', false);
--> statement-breakpoint
do $$
declare machine record;
begin
  for machine in select * from (values ('posture_changes', 'posture'), ('proposals', 'proposal')) as m (relation, name) loop
    execute format('create constraint trigger %I after insert on %I deferrable initially deferred for each row execute function workflow_checked(%L)',
      machine.relation || '_made', machine.relation, machine.name);
    execute format('create constraint trigger %I after update of state on %I deferrable initially deferred for each row when (old.state is distinct from new.state) execute function workflow_checked(%L)',
      machine.relation || '_moved', machine.relation, machine.name);
  end loop;
end $$;
