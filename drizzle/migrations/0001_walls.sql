-- Who may do what, in the database itself. Written by hand: drizzle-kit knows neither FORCE nor grants nor triggers.
-- dais_app serves calls, one tenant at a time. dais_system relays and prunes, on the tables named here only.
do $$ begin
  if not exists (select from pg_roles where rolname = 'dais_app') then create role dais_app nologin; end if;
  if not exists (select from pg_roles where rolname = 'dais_system') then create role dais_system nologin; end if;
exception when duplicate_object or unique_violation then null; -- another database of the cluster made them just now
end $$;
--> statement-breakpoint
grant usage on schema public, dais_migrations to dais_app, dais_system;
--> statement-breakpoint
-- So that a server can see that it has nothing to migrate, without the owner's password.
grant select on dais_migrations.__drizzle_migrations to dais_app, dais_system;
--> statement-breakpoint
-- The wall. A missing tenant raises (no missing_ok): a query that forgot it must not look like an empty table.
do $$
declare t text;
begin
  foreach t in array array['entities', 'signals', 'posture', 'api_keys', 'audit', 'outbox', 'idempotency'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
  end loop;
end $$;
--> statement-breakpoint
alter table organisations enable row level security;
--> statement-breakpoint
alter table organisations force row level security;
--> statement-breakpoint
create policy tenant on organisations to dais_app using (id = current_setting('dais.tenant')::uuid) with check (id = current_setting('dais.tenant')::uuid);
--> statement-breakpoint
create policy relay on outbox to dais_system using (true) with check (true);
--> statement-breakpoint
create policy prune on idempotency to dais_system using (true);
--> statement-breakpoint
grant select, insert, update on organisations, entities, signals, api_keys, idempotency to dais_app;
--> statement-breakpoint
grant select, insert on posture to dais_app;
--> statement-breakpoint
grant select on workflow_moves to dais_app;
--> statement-breakpoint
grant select, update (published_at), delete on outbox to dais_system;
--> statement-breakpoint
grant select, delete on idempotency to dais_system;
--> statement-breakpoint
grant select, insert, update, delete on security_events to dais_system;
--> statement-breakpoint
alter table audit alter column xid set default pg_current_xact_id();
--> statement-breakpoint
alter table outbox alter column xid set default pg_current_xact_id();
--> statement-breakpoint
-- All columns but seq and xid, which Postgres alone gives: an entry can't claim another transaction or another place.
do $$
declare t text;
begin
  foreach t in array array['audit', 'outbox'] loop
    execute format('grant select on %I to dais_app', t);
    execute (select format('grant insert (%s) on %I to dais_app', string_agg(quote_ident(column_name), ', '), t)
      from information_schema.columns where table_schema = 'public' and table_name = t and column_name not in ('seq', 'xid'));
  end loop;
end $$;
--> statement-breakpoint
create function append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'DA002';
end $$;
--> statement-breakpoint
create trigger audit_append_only before update or delete on audit for each row execute function append_only();
--> statement-breakpoint
create trigger audit_no_truncate before truncate on audit for each statement execute function append_only();
--> statement-breakpoint
-- API keys name their organisation by its slug, before any tenant is set. This answers with the id and nothing else.
do $$ begin execute format('create policy owner on organisations for select to %I using (true)', current_user); end $$;
--> statement-breakpoint
create function tenant_of(slug text) returns uuid language sql stable security definer set search_path = public, pg_temp
  as $$ select o.id from organisations o where o.slug = tenant_of.slug $$;
--> statement-breakpoint
revoke all on function tenant_of from public;
--> statement-breakpoint
grant execute on function tenant_of to dais_app;
--> statement-breakpoint
-- No state without its legal move and its audit entry, in the same transaction, whoever writes. Deferred: the entry comes last.
create function workflow_checked() returns trigger language plpgsql as $$
declare was text := case when tg_op = 'UPDATE' then old.state else '' end;
begin
  if not exists (
    select from audit a
    join workflow_moves m on m.machine = tg_argv[0] and m.from_state = was and m.to_state = new.state and m.event = a.event
    where a.tenant_id = new.tenant_id and a.resource_id = new.id and a.resource_type = tg_argv[0]
      and a.xid = pg_current_xact_id() and a.outcome = 'done'
      and coalesce(a.from_state, '') = was and a.to_state = new.state
  ) then
    raise exception '% %: no legal, audited move from "%" to "%"', tg_argv[0], new.id, was, new.state using errcode = 'DA001';
  end if;
  return null;
end $$;
--> statement-breakpoint
insert into workflow_moves (machine, from_state, event, to_state) values
  ('signal', '', 'ingest', 'new'),
  ('signal', 'new', 'acknowledge', 'acknowledged'),
  ('signal', 'acknowledged', 'dismiss', 'dismissed'),
  ('signal', 'acknowledged', 'escalate', 'escalated');
--> statement-breakpoint
create constraint trigger signals_made after insert on signals
  deferrable initially deferred for each row execute function workflow_checked('signal');
--> statement-breakpoint
create constraint trigger signals_moved after update of state on signals
  deferrable initially deferred for each row when (old.state is distinct from new.state) execute function workflow_checked('signal');
