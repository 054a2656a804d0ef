-- The wall, for actions and what belongs to them. Nothing is deleted: what is over has `ended_at`.
do $$
declare t text;
begin
  foreach t in array array['actions', 'action_items', 'action_notes', 'action_evidence', 'action_watchers'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
  end loop;
end $$;
--> statement-breakpoint
grant select, insert, update on actions, action_items, action_evidence, action_watchers to dais_app;
--> statement-breakpoint
-- What somebody noted stays as it is.
grant select, insert on action_notes to dais_app;
--> statement-breakpoint
-- The moment in which a calendar day is over in a zone: where its last moment ends, whatever the clock does at midnight.
create function end_of_day(day date, zone text) returns timestamptz language sql stable
  return ((day + 1)::timestamp - interval '1 millisecond') at time zone zone + interval '1 millisecond';
--> statement-breakpoint
-- Whose deputy somebody is. Behind a policy, Postgres uses no index of arrays; under this view, which is the same wall as a plain condition,
-- it does. See `signals_seen`.
create index actions_deputies on actions using gin (deputy_ids) where state in ('open', 'in_progress', 'blocked');
--> statement-breakpoint
do $$ begin execute format('create policy owner on actions for select to %I using (true)', current_user); end $$;
--> statement-breakpoint
create view actions_seen as select * from actions where (tenant_id = current_setting('dais.tenant')::uuid) is true;
--> statement-breakpoint
grant select on actions_seen to dais_app;
--> statement-breakpoint
-- A person's public id: `per_` and the uuid's bits, behind two zeros, in Crockford's base 32.
create function person_id_of(id uuid) returns text language sql immutable
  return (
    select 'per_' || string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', substring(bits from n * 5 + 1 for 5)::int + 1, 1), '' order by n)
    from (select b'00' || ('x' || replace(id::text, '-', ''))::bit(128) as bits) as its cross join generate_series(0, 25) as n
  );
--> statement-breakpoint
-- Nobody verifies what they own or have completed, whoever writes. Deferred: the audit entry comes last.
create function action_verified_by_another() returns trigger language plpgsql as $$
begin
  if exists (
    select from audit a
    where a.tenant_id = new.tenant_id and a.resource_id = new.id and a.resource_type = 'action' and a.xid = pg_current_xact_id()
      and a.outcome = 'done' and a.event = 'verify'
      and (cardinality(a.persons) = 0 or a.persons && (new.completed_persons || person_id_of(new.owner_id)))
  ) then
    raise exception 'action %: it takes another person to verify it', new.id using errcode = 'DA003';
  end if;
  return null;
end $$;
--> statement-breakpoint
insert into workflow_moves (machine, from_state, event, to_state) values
  ('action', '', 'create', 'open'),
  ('action', 'open', 'start', 'in_progress'),
  ('action', 'open', 'block', 'blocked'),
  ('action', 'open', 'complete', 'done'),
  ('action', 'open', 'cancel', 'cancelled'),
  ('action', 'in_progress', 'block', 'blocked'),
  ('action', 'in_progress', 'complete', 'done'),
  ('action', 'in_progress', 'cancel', 'cancelled'),
  ('action', 'blocked', 'unblock', 'in_progress'),
  ('action', 'blocked', 'cancel', 'cancelled'),
  ('action', 'done', 'verify', 'verified'),
  ('action', 'done', 'reopen', 'open'),
  ('action', 'verified', 'reopen', 'open'),
  ('action', 'cancelled', 'reopen', 'open');
--> statement-breakpoint
create constraint trigger actions_made after insert on actions deferrable initially deferred for each row execute function workflow_checked('action');
--> statement-breakpoint
create constraint trigger actions_moved after update of state on actions deferrable initially deferred for each row
  when (old.state is distinct from new.state) execute function workflow_checked('action');
--> statement-breakpoint
create constraint trigger actions_verified after update of state on actions deferrable initially deferred for each row
  when (new.state = 'verified' and old.state is distinct from new.state) execute function action_verified_by_another();
