-- The wall, for dispatches. What was handed over is only added to; callers and tasks of an organisation write its rows, and the sender looks over
-- all organisations for what is due.
do $$
declare t text;
begin
  foreach t in array array['message_templates', 'dispatches', 'dispatch_recipients', 'dispatch_attempts', 'dispatch_days', 'dispatch_cap_requests',
    'contact_preferences', 'channel_opt_outs', 'notifications'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
    execute format('grant select, insert on %I to dais_app', t);
  end loop;
  foreach t in array array['dispatches', 'dispatch_recipients', 'dispatch_attempts'] loop
    execute format('create policy sender on %I for select to dais_system using (true)', t);
    execute format('grant select on %I to dais_system', t);
  end loop;
end $$;
--> statement-breakpoint
grant update on message_templates, dispatch_days, contact_preferences to dais_app;
--> statement-breakpoint
-- What a dispatch says, and to whom, stays as it was.
grant update (state, state_reason, version, updated_at, recipients, addressed_at, stopped_at, finished_at, reserved) on dispatches to dais_app;
--> statement-breakpoint
grant update (step, tries, next_at, escalate_at, acknowledged_via, acknowledged_at, state, state_reason, version, updated_at) on dispatch_recipients to dais_app;
--> statement-breakpoint
grant update (state, status, vendor_id, code, ask_at, asks, ended_at) on dispatch_attempts to dais_app;
--> statement-breakpoint
grant update (ended_at) on channel_opt_outs to dais_app;
--> statement-breakpoint
grant update (read_at) on notifications to dais_app;
--> statement-breakpoint
-- What vendors told is of no organisation: a face only puts it there.
grant insert on courier_callbacks to dais_app;
--> statement-breakpoint
grant select, insert, update, delete on courier_callbacks to dais_system;
--> statement-breakpoint
insert into workflow_moves (machine, from_state, event, to_state) values
  ('dispatch', '', 'create', 'running'),
  ('dispatch', 'running', 'stop', 'stopped'),
  ('dispatch', 'running', 'finish', 'finished'),
  ('dispatch_recipient', '', 'address', 'queued'),
  ('dispatch_recipient', 'queued', 'begin', 'sending'),
  ('dispatch_recipient', 'sending', 'hand', 'sent'),
  ('dispatch_recipient', 'undetermined', 'hand', 'sent'),
  ('dispatch_recipient', 'sending', 'deliver', 'delivered'),
  ('dispatch_recipient', 'sent', 'deliver', 'delivered'),
  ('dispatch_recipient', 'undetermined', 'deliver', 'delivered'),
  ('dispatch_recipient', 'sending', 'see', 'read'),
  ('dispatch_recipient', 'sent', 'see', 'read'),
  ('dispatch_recipient', 'delivered', 'see', 'read'),
  ('dispatch_recipient', 'undetermined', 'see', 'read'),
  ('dispatch_recipient', 'sending', 'retry', 'queued'),
  ('dispatch_recipient', 'queued', 'fall', 'queued'),
  ('dispatch_recipient', 'sending', 'fall', 'queued'),
  ('dispatch_recipient', 'sent', 'fall', 'queued'),
  ('dispatch_recipient', 'delivered', 'fall', 'queued'),
  ('dispatch_recipient', 'read', 'fall', 'queued'),
  ('dispatch_recipient', 'queued', 'acknowledge', 'acknowledged'),
  ('dispatch_recipient', 'sending', 'acknowledge', 'acknowledged'),
  ('dispatch_recipient', 'sent', 'acknowledge', 'acknowledged'),
  ('dispatch_recipient', 'delivered', 'acknowledge', 'acknowledged'),
  ('dispatch_recipient', 'read', 'acknowledge', 'acknowledged'),
  ('dispatch_recipient', 'failed', 'acknowledge', 'acknowledged'),
  ('dispatch_recipient', 'expired', 'acknowledge', 'acknowledged'),
  ('dispatch_recipient', 'recalled', 'acknowledge', 'acknowledged'),
  ('dispatch_recipient', 'undetermined', 'acknowledge', 'acknowledged'),
  ('dispatch_recipient', 'queued', 'fail', 'failed'),
  ('dispatch_recipient', 'sending', 'fail', 'failed'),
  ('dispatch_recipient', 'sent', 'fail', 'failed'),
  ('dispatch_recipient', 'queued', 'expire', 'expired'),
  ('dispatch_recipient', 'sending', 'expire', 'expired'),
  ('dispatch_recipient', 'sent', 'expire', 'expired'),
  ('dispatch_recipient', 'delivered', 'expire', 'expired'),
  ('dispatch_recipient', 'read', 'expire', 'expired'),
  ('dispatch_recipient', 'queued', 'recall', 'recalled'),
  ('dispatch_recipient', 'sending', 'recall', 'recalled'),
  ('dispatch_recipient', 'sending', 'lose', 'undetermined');
--> statement-breakpoint
create constraint trigger dispatches_made after insert on dispatches
  deferrable initially deferred for each row execute function workflow_checked('dispatch');
--> statement-breakpoint
create constraint trigger dispatches_moved after update of state on dispatches
  deferrable initially deferred for each row when (old.state is distinct from new.state) execute function workflow_checked('dispatch');
--> statement-breakpoint
create constraint trigger dispatch_recipients_made after insert on dispatch_recipients
  deferrable initially deferred for each row execute function workflow_checked('dispatch_recipient');
--> statement-breakpoint
create constraint trigger dispatch_recipients_moved after update of state on dispatch_recipients
  deferrable initially deferred for each row when (old.state is distinct from new.state) execute function workflow_checked('dispatch_recipient');
