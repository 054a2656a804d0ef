-- The wall for erasures from the audit log, and the one way in which an entry may lose its content: by an erasure that was approved in
-- the same transaction, of the entries that it was approved for.
do $$
declare t text;
begin
  foreach t in array array['erasures', 'erasure_entries'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
  end loop;
  -- FORCE binds the owner, too, as whom the function below acts.
  foreach t in array array['audit', 'erasures', 'erasure_entries'] loop
    execute format('create policy erasing on %I to %I using (tenant_id = current_setting(''dais.tenant'')::uuid)', t, current_user);
  end loop;
end $$;
--> statement-breakpoint
grant select, insert on erasures, erasure_entries to dais_app;
--> statement-breakpoint
grant update (state, state_reason, decided_by, decided_at, version, updated_at) on erasures to dais_app;
--> statement-breakpoint
grant insert (content_salt) on audit to dais_app;
--> statement-breakpoint
create trigger erasure_entries_append_only before update or delete on erasure_entries for each row execute function append_only();
--> statement-breakpoint
create trigger erasure_entries_no_truncate before truncate on erasure_entries for each statement execute function append_only();
--> statement-breakpoint
-- Whether an erasure takes effect in this very transaction: its move to `erased` is one that `workflow_checked` looks at when it ends, so
-- it is legal, on record, and made by somebody who had no hand in it, or nothing of all this happens. And it is of the entries that were
-- asked for.
create function erasing_now(tenant uuid, erasure uuid) returns boolean language sql stable as $$
  select exists (select from erasures e where e.tenant_id = tenant and e.id = erasure and e.state = 'erased' and e.version = 2
    and e.xmin = pg_current_xact_id()::xid
    and e.entries_sha256 = (select encode(sha256(convert_to(string_agg(n.entry_id || ',', '' order by n.entry_id), 'UTF8')), 'hex')
      from erasure_entries n where n.tenant_id = tenant and n.erasure_id = erasure))
$$;
--> statement-breakpoint
-- An entry loses its content, all of it, and nothing else of it changes.
create function content_erased_only() returns trigger language plpgsql as $$
declare
  left_of_it audit := old;
begin
  left_of_it.session_id := null;
  left_of_it.address := null;
  left_of_it.before_digest := null;
  left_of_it.after_digest := null;
  left_of_it.changes := null;
  left_of_it.reason := null;
  left_of_it.decision := null;
  left_of_it.trace_id := null;
  left_of_it.idempotency_key := null;
  left_of_it.content_salt := null;
  left_of_it.erased_at := new.erased_at;
  left_of_it.erasure_id := new.erasure_id;
  if old.erased_at is null and new.erased_at is not null and new is not distinct from left_of_it
    and exists (select from erasures e join erasure_entries n on n.tenant_id = e.tenant_id and n.erasure_id = e.id
      where e.tenant_id = old.tenant_id and e.id = new.erasure_id and e.state = 'erased' and e.version = 2
        and e.xmin = pg_current_xact_id()::xid and n.entry_id = old.id)
  then
    return new;
  end if;
  raise exception 'audit is append-only' using errcode = 'DA002';
end $$;
--> statement-breakpoint
drop trigger audit_append_only on audit;
--> statement-breakpoint
create trigger audit_append_only before delete on audit for each row execute function append_only();
--> statement-breakpoint
create trigger audit_content_erased_only before update on audit for each row execute function content_erased_only();
--> statement-breakpoint
-- Does an erasure that takes effect in this transaction; answers with how many entries lost their content. For any other it does nothing,
-- and answers null.
create function erase_entries(erasure uuid, at timestamptz) returns bigint language sql security definer set search_path = public, pg_temp as $$
  with gone as (
    update audit a set session_id = null, address = null, before_digest = null, after_digest = null, changes = null, reason = null,
      decision = null, trace_id = null, idempotency_key = null, content_salt = null, erased_at = at, erasure_id = erasure
    from erasure_entries n
    where erasing_now(current_setting('dais.tenant')::uuid, erasure)
      and n.tenant_id = current_setting('dais.tenant')::uuid and n.erasure_id = erasure
      and a.tenant_id = n.tenant_id and a.id = n.entry_id and a.erased_at is null
    returning 1
  )
  select case when erasing_now(current_setting('dais.tenant')::uuid, erasure) then count(*) end from gone
$$;
--> statement-breakpoint
revoke all on function erase_entries from public;
--> statement-breakpoint
grant execute on function erase_entries to dais_app;
--> statement-breakpoint
insert into workflow_moves (machine, from_state, event, to_state, four_eyes) values
  ('erasure', '', 'request', 'requested', false),
  ('erasure', 'requested', 'erase', 'erased', true),
  ('erasure', 'requested', 'reject', 'rejected', false),
  ('erasure', 'requested', 'withdraw', 'withdrawn', false);
--> statement-breakpoint
create constraint trigger erasures_made after insert on erasures
  deferrable initially deferred for each row execute function workflow_checked('erasure');
--> statement-breakpoint
create constraint trigger erasures_moved after update of state on erasures
  deferrable initially deferred for each row when (old.state is distinct from new.state) execute function workflow_checked('erasure');
