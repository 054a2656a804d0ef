-- Old entries get the second salt. The owner of the tables is behind the wall, too, and the log can't be changed: for this one statement
-- it can.
alter table audit no force row level security;
--> statement-breakpoint
alter table audit disable trigger user;
--> statement-breakpoint
update audit set content_salt = encode(sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea), 'hex') where content_salt is null;
--> statement-breakpoint
alter table audit enable trigger user;
--> statement-breakpoint
alter table audit force row level security;
--> statement-breakpoint
-- Also what is written by hand can be committed to without giving it away.
alter table audit alter column content_salt set default encode(sha256((gen_random_uuid()::text || gen_random_uuid()::text)::bytea), 'hex');
--> statement-breakpoint
alter table audit add constraint audit_salted check (content_salt is not null or erased_at is not null);
--> statement-breakpoint
grant insert (content_salt) on audit to dais_app;
--> statement-breakpoint
-- The wall. A tenant sees its own log, and the sealer all of them.
do $$
declare t text;
begin
  foreach t in array array['audit_checkpoints', 'audit_cosignatures', 'audit_keys', 'audit_leaves', 'audit_nodes', 'audit_trees', 'audit_witnesses'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
    execute format('grant select on %I to dais_app', t);
    execute format('create trigger %I before truncate on %I for each statement execute function append_only()', t || '_no_truncate', t);
  end loop;
  foreach t in array array['audit_checkpoints', 'audit_keys', 'audit_leaves', 'audit_nodes', 'audit_trees'] loop
    execute format('create policy sealing on %I to dais_system using (true) with check (true)', t);
    execute format('grant select on %I to dais_system', t);
  end loop;
end $$;
--> statement-breakpoint
create policy sealing on audit for select to dais_system using (true);
--> statement-breakpoint
grant select on audit to dais_system;
--> statement-breakpoint
-- Only which organisations there are: a log is named after its organisation.
create policy sealing on organisations for select to dais_system using (true);
--> statement-breakpoint
grant select (id, slug) on organisations to dais_system;
--> statement-breakpoint
grant insert on audit_checkpoints, audit_leaves, audit_nodes, audit_trees to dais_system;
--> statement-breakpoint
grant update (hashes) on audit_nodes to dais_system;
--> statement-breakpoint
grant update (size, sealed_through, after_seq, signed_size) on audit_trees to dais_system;
--> statement-breakpoint
-- What people decide: keys, witnesses, and whether tiles are open. Never what was sealed or signed.
grant insert (tenant_id, origin, tiles_open), update (tiles_open) on audit_trees to dais_app;
--> statement-breakpoint
grant insert, update (sealed_private, until_at, lost_at) on audit_keys to dais_app;
--> statement-breakpoint
grant insert, update (removed_at) on audit_witnesses to dais_app;
--> statement-breakpoint
grant insert on audit_cosignatures to dais_app;
--> statement-breakpoint
create trigger audit_leaves_append_only before update or delete on audit_leaves for each row execute function append_only();
--> statement-breakpoint
create trigger audit_checkpoints_append_only before update or delete on audit_checkpoints for each row execute function append_only();
--> statement-breakpoint
create trigger audit_cosignatures_append_only before update or delete on audit_cosignatures for each row execute function append_only();
--> statement-breakpoint
-- A tile only grows, by whole hashes, until it is full; what it says already stays.
create function audit_nodes_grow() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and (new.tenant_id, new.level, new.tile) = (old.tenant_id, old.level, old.tile)
    and length(new.hashes) between length(old.hashes) and 8192 and length(new.hashes) % 32 = 0
    and substring(new.hashes for length(old.hashes)) = old.hashes then return new; end if;
  raise exception 'audit_nodes only grow' using errcode = 'DA002';
end $$;
--> statement-breakpoint
create trigger audit_nodes_only_grow before update or delete on audit_nodes for each row execute function audit_nodes_grow();
--> statement-breakpoint
-- A tree never shrinks, and keeps its name.
create function audit_trees_grow() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.tenant_id = old.tenant_id and new.origin = old.origin and new.size >= old.size
    and new.signed_size >= old.signed_size then return new; end if;
  raise exception 'audit_trees only grow' using errcode = 'DA002';
end $$;
--> statement-breakpoint
create trigger audit_trees_only_grow before update or delete on audit_trees for each row execute function audit_trees_grow();
--> statement-breakpoint
-- A key ends once, and its private half goes with it. A witness is removed once.
create function audit_ends_once() returns trigger language plpgsql as $$
declare ends text[] := string_to_array(tg_argv[0], ' ');
begin
  if tg_op = 'UPDATE' and to_jsonb(new) - ends = to_jsonb(old) - ends and to_jsonb(old) ->> ends[1] is null
    and to_jsonb(new) ->> ends[1] is not null then return new; end if;
  raise exception '% end once, and change in nothing else', tg_table_name using errcode = 'DA002';
end $$;
--> statement-breakpoint
create trigger audit_keys_end_once before update or delete on audit_keys for each row execute function audit_ends_once('until_at lost_at sealed_private');
--> statement-breakpoint
create trigger audit_witnesses_end_once before update or delete on audit_witnesses for each row execute function audit_ends_once('removed_at');
--> statement-breakpoint
-- Hashes can't be compressed: nobody should try.
alter table audit_nodes alter column hashes set storage external;
