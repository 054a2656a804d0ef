-- The wall, for webhooks. Callers make them and move them; what is sent, and how it fares, the sender writes down, for all tenants at once.
do $$
declare t text;
begin
  foreach t in array array['webhooks', 'webhook_messages', 'webhook_deliveries'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
    execute format('create policy sender on %I to dais_system using (true) with check (true)', t);
  end loop;
end $$;
--> statement-breakpoint
grant select, insert, update on webhooks to dais_app;
--> statement-breakpoint
-- What was sent stays as it was.
grant select, insert on webhook_messages to dais_app;
--> statement-breakpoint
grant select, insert, update (state, bulk, tries, next_at, error, finished_at) on webhook_deliveries to dais_app;
--> statement-breakpoint
grant select, update (failures, failing_since, last_delivered_at) on webhooks to dais_system;
--> statement-breakpoint
grant select, delete on webhook_messages to dais_system;
--> statement-breakpoint
grant select, update (state, tries, next_at, error, attempts, finished_at), delete on webhook_deliveries to dais_system;
--> statement-breakpoint
-- The entities in which something that concerns an entity happens, too: itself, and those above it.
create function entities_above(tenant uuid, entity uuid) returns setof uuid language sql stable as $$
  with recursive up as (
    select e.id, e.parent_id from entities e where e.tenant_id = tenant and e.id = entity
    union select e.id, e.parent_id from entities e join up on e.id = up.parent_id where e.tenant_id = tenant
  )
  select id from up
$$;
--> statement-breakpoint
insert into workflow_moves (machine, from_state, event, to_state) values
  ('webhook', '', 'create', 'active'),
  ('webhook', 'active', 'disable', 'paused'),
  ('webhook', 'paused', 'enable', 'active'),
  ('webhook', 'failed', 'enable', 'active'),
  ('webhook', 'active', 'fail', 'failed'),
  ('webhook', 'active', 'delete', 'deleted'),
  ('webhook', 'paused', 'delete', 'deleted'),
  ('webhook', 'failed', 'delete', 'deleted');
--> statement-breakpoint
create constraint trigger webhooks_made after insert on webhooks
  deferrable initially deferred for each row execute function workflow_checked('webhook');
--> statement-breakpoint
create constraint trigger webhooks_moved after update of state on webhooks
  deferrable initially deferred for each row when (old.state is distinct from new.state) execute function workflow_checked('webhook');
