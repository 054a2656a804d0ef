-- The wall, for people and what belongs to them. Nothing is deleted: what is over has `ended_at`.
do $$
declare t text;
begin
  foreach t in array array['people', 'person_roles', 'deputies', 'directories', 'directory_rules', 'groups', 'group_members', 'inbox'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
  end loop;
end $$;
--> statement-breakpoint
grant select, insert, update on people, person_roles, deputies, directories, directory_rules, groups, group_members to dais_app;
--> statement-breakpoint
grant select, insert on inbox to dais_app;
--> statement-breakpoint
create policy prune on inbox to dais_system using (true);
--> statement-breakpoint
grant select, delete on inbox to dais_system;
--> statement-breakpoint
grant select on roles, reference to dais_app;
--> statement-breakpoint
grant select on roles, reference to dais_system;
--> statement-breakpoint
-- A sign-in names its directory before any tenant is set. These answer which tenants take it, and who is there already, and nothing else.
do $$
declare t text;
begin
  foreach t in array array['directories', 'people'] loop
    execute format('create policy owner on %I for select to %I using (true)', t, current_user);
  end loop;
end $$;
--> statement-breakpoint
create function tenants_of(tid text, oid text) returns table (id uuid, slug text, name_en text, name_ar text)
  language sql stable security definer set search_path = public, pg_temp
  as $$
    select o.id, o.slug, o.name_en, o.name_ar
    from directories d join organisations o on o.id = d.tenant_id
    left join people p on p.tenant_id = d.tenant_id and p.tid = d.tid and p.oid = tenants_of.oid
    where d.tid = tenants_of.tid and (d.makes_people or p.id is not null)
    order by o.slug
  $$;
--> statement-breakpoint
create function directory_known(tid text) returns boolean
  language sql stable security definer set search_path = public, pg_temp
  as $$ select exists (select from directories d where d.tid = directory_known.tid) $$;
--> statement-breakpoint
revoke all on function tenants_of, directory_known from public;
--> statement-breakpoint
grant execute on function tenants_of, directory_known to dais_app;
