-- The wall, for what comes and goes by the broker. Callers open queues and decide about what died there; the worker writes the rest, for all
-- tenants at once.
do $$
declare t text;
begin
  foreach t in array array['integrations', 'dead_commands'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
    execute format('create policy worker on %I to dais_system using (true) with check (true)', t);
  end loop;
end $$;
--> statement-breakpoint
grant select, insert, update on integrations to dais_app;
--> statement-breakpoint
grant select, update (replayed_at, sent_at, dropped_at) on dead_commands to dais_app;
--> statement-breakpoint
grant select, update (problem) on integrations to dais_system;
--> statement-breakpoint
grant select, insert, delete, update (error_code, attempts, failed_at, replayed_at, sent_at, done_at, dropped_at) on dead_commands to dais_system;
--> statement-breakpoint
grant select, insert, update on amqp_cursor to dais_system;
