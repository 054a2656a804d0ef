-- The wall, for briefings. What was written, said and sent stays: editions and comments are only added to.
do $$
declare t text;
begin
  foreach t in array array['briefings', 'briefing_editions', 'briefing_comments', 'briefing_recipients', 'briefing_requests'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
    execute format('grant select, insert on %I to dais_app', t);
  end loop;
end $$;
--> statement-breakpoint
grant update on briefings, briefing_requests to dais_app;
--> statement-breakpoint
grant update (read_at) on briefing_recipients to dais_app;
--> statement-breakpoint
-- An audience has at most one distributed briefing of a day. Judged at commit: the server names the other one before it comes to that.
alter table briefings add constraint briefings_once_a_day exclude using btree (tenant_id with =, day with =, audience_sha256 with =)
  where (state = 'distributed') deferrable initially deferred;
--> statement-breakpoint
-- Everybody who is in an audience at this moment, each once, with their clearance; the disabled left out.
create function audience_of(tenant uuid, audience jsonb) returns table (person_id uuid, clearance text) language sql stable as $$
  with recursive named as (
    select kind, uuid_of(name) as id, name from jsonb_each(audience) as a (kind, names), jsonb_array_elements_text(names) as name
  ), inside (id) as (
    select g.id from groups g join named n on n.kind = 'groupIds' and n.id = g.id where g.tenant_id = tenant and g.deleted_at is null
    union select m.member_group_id from group_members m join inside i on i.id = m.group_id
    where m.tenant_id = tenant and m.member_group_id is not null and m.ended_at is null
  ), below (id) as (
    select n.id from named n where n.kind = 'entityIds'
    union select e.id from entities e join below b on b.id = e.parent_id where e.tenant_id = tenant
  )
  select p.id, p.clearance from people p
  where p.tenant_id = tenant and p.disabled_at is null and (
    p.id in (select n.id from named n where n.kind = 'personIds')
    or p.entity_id in (select id from below)
    or p.id in (select m.person_id from group_members m join inside i on i.id = m.group_id
      where m.tenant_id = tenant and m.person_id is not null and m.ended_at is null)
    or p.id in (select r.person_id from person_roles r join named n on n.kind = 'roles' and n.name = r.role
      where r.tenant_id = tenant and r.ended_at is null)
  )
$$;
--> statement-breakpoint
insert into workflow_moves (machine, from_state, event, to_state, four_eyes, hand) values
  ('briefing', '', 'create', 'draft', false, false),
  ('briefing', 'draft', 'submit', 'pending_approval', false, true),
  ('briefing', 'pending_approval', 'return', 'draft', false, false),
  ('briefing', 'pending_approval', 'approve', 'approved', true, false),
  ('briefing', 'pending_approval', 'revise', 'draft', false, false),
  ('briefing', 'approved', 'revise', 'draft', false, false),
  ('briefing', 'approved', 'distribute', 'distributed', false, false),
  ('briefing', 'draft', 'withdraw', 'withdrawn', false, false),
  ('briefing', 'pending_approval', 'withdraw', 'withdrawn', false, false),
  ('briefing', 'approved', 'withdraw', 'withdrawn', false, false),
  ('briefing', 'distributed', 'withdraw', 'withdrawn', false, false),
  ('briefing', 'draft', 'expire', 'expired', false, false),
  ('briefing', 'pending_approval', 'expire', 'expired', false, false),
  ('briefing', 'approved', 'expire', 'expired', false, false),
  ('briefing_request', '', 'request', 'requested', false, false),
  ('briefing_request', 'requested', 'ask', 'asked', false, false),
  ('briefing_request', 'requested', 'answer', 'answered', false, false),
  ('briefing_request', 'asked', 'answer', 'answered', false, false),
  ('briefing_request', 'requested', 'lapse', 'lapsed', false, false),
  ('briefing_request', 'asked', 'lapse', 'lapsed', false, false);
--> statement-breakpoint
do $$
declare machine record;
begin
  for machine in select * from (values ('briefings', 'briefing'), ('briefing_requests', 'briefing_request')) as m (relation, name) loop
    execute format('create constraint trigger %I after insert on %I deferrable initially deferred for each row execute function workflow_checked(%L)',
      machine.relation || '_made', machine.relation, machine.name);
    execute format('create constraint trigger %I after update of state on %I deferrable initially deferred for each row when (old.state is distinct from new.state) execute function workflow_checked(%L)',
      machine.relation || '_moved', machine.relation, machine.name);
  end loop;
end $$;
