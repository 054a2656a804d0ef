-- The wall, for programs and agents, and what tells how far a credential reaches now. Nothing is deleted.
do $$
declare t text;
begin
  foreach t in array array['agents', 'programs'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
  end loop;
end $$;
--> statement-breakpoint
grant select, insert, update on agents, programs to dais_app;
--> statement-breakpoint
-- A token names a directory and an application, before any tenant is set. This answers with the tenant's id and nothing else.
do $$ begin execute format('create policy owner on programs for select to %I using (true)', current_user); end $$;
--> statement-breakpoint
create function tenant_of_program(tid text, client_id text) returns uuid
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select p.tenant_id from programs p where p.tid = tenant_of_program.tid and p.client_id = tenant_of_program.client_id
  $$;
--> statement-breakpoint
revoke all on function tenant_of_program from public;
--> statement-breakpoint
grant execute on function tenant_of_program to dais_app;
--> statement-breakpoint
-- The uuid in a public id (26 letters of Crockford's base 32 behind a prefix), or null where the text is none.
create function uuid_of(id text) returns uuid language sql immutable parallel safe as $$
  select case when id ~ '^[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}$' then (
    select string_agg(lpad(to_hex(substr(bits, 3 + nibble * 4, 4)::bit(4)::int), 1, '0'), '' order by nibble)::uuid
    from (
      select string_agg((strpos('0123456789abcdefghjkmnpqrstvwxyz', substr(id, 4 + place, 1)) - 1)::bit(5)::text, '' order by place) as bits
      from generate_series(1, 26) as place
    ) as spelled, generate_series(0, 31) as nibble
  ) end
$$;
--> statement-breakpoint
-- Roles with those that they inherit, over any number of steps; only such as there are.
create function roles_within(keys text[]) returns text[] language sql stable as $$
  with recursive held (key) as (
    select unnest(keys)
    union select unnest(r.inherits) from roles r join held on held.key = r.key
  )
  select coalesce(array_agg(r.key order by r.key), '{}') from held join roles r on r.key = held.key
$$;
--> statement-breakpoint
create function roles_of(person uuid) returns text[] language sql stable as $$
  select roles_within(array(select r.role from person_roles r where r.person_id = person and r.ended_at is null))
$$;
--> statement-breakpoint
create function permissions_of(keys text[]) returns text[] language sql stable as $$
  select coalesce(array_agg(distinct p order by p), '{}') from roles r, unnest(r.permissions) as p where r.key = any (keys)
$$;
--> statement-breakpoint
-- An API key and what stands behind it, as JSON, the key first: of an agent's the agent and its owner, otherwise who made it, and who
-- made that. A maker that can't be found is over. Who is no row of ours (an operator at the console) takes nothing away, nor does a key
-- that made itself.
create function key_line(key uuid) returns json language sql stable as $$
  with recursive line as (
    select 0 as n, k.* from api_keys k where k.id = key
    union all
    select l.n + 1, k.* from line l join api_keys k on k.id = uuid_of(l.created_by)
    where l.agent_id is null and l.created_by like 'key\_%' and k.id <> l.id and l.n < 32
  ), final as (select * from line order by n desc limit 1), links as (
    select n, 'key' as kind, id, permissions, clearance, expires_at as ends_at, revoked_at is not null as over from line
    union all
    select f.n + 1, 'agt', a.id, a.permissions, a.clearance, null, a.state <> 'active'
    from final f join agents a on a.id = f.agent_id
    union all
    select f.n + 2, 'per', p.id, null, null, null, p.disabled_at is not null
    from final f join agents a on a.id = f.agent_id join people p on p.id = a.owner_id
    union all
    select f.n + 1, left(f.created_by, 3), coalesce(p.id, uuid_of(f.created_by)), permissions_of(roles_of(p.id)), p.clearance, null,
      p.id is null or p.disabled_at is not null
    from final f left join people p on f.created_by like 'per\_%' and p.id = uuid_of(f.created_by)
    where f.agent_id is null and uuid_of(f.created_by) is not null and uuid_of(f.created_by) <> f.id
  )
  select coalesce(json_agg(json_build_object('kind', kind, 'id', id, 'permissions', permissions, 'clearance', clearance,
    'endsAt', ends_at, 'over', over) order by n), '[]') from links
$$;
--> statement-breakpoint
insert into workflow_moves (machine, from_state, event, to_state) values
  ('agent', '', 'register', 'active'),
  ('agent', 'active', 'suspend', 'suspended'),
  ('agent', 'suspended', 'resume', 'active'),
  ('agent', 'active', 'retire', 'retired'),
  ('agent', 'suspended', 'retire', 'retired');
--> statement-breakpoint
create constraint trigger agents_made after insert on agents
  deferrable initially deferred for each row execute function workflow_checked('agent');
--> statement-breakpoint
create constraint trigger agents_moved after update of state on agents
  deferrable initially deferred for each row when (old.state is distinct from new.state) execute function workflow_checked('agent');
