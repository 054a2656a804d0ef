-- The wall, for approvals. What was requested stays as it was, and a vote is never changed.
do $$
declare t text;
begin
  foreach t in array array['approvals', 'approval_votes'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('create policy tenant on %I to dais_app using (tenant_id = current_setting(''dais.tenant'')::uuid) with check (tenant_id = current_setting(''dais.tenant'')::uuid)', t);
  end loop;
end $$;
--> statement-breakpoint
grant select, insert on approvals, approval_votes to dais_app;
--> statement-breakpoint
grant update (steps, escalated_at, outcome_option, state, state_reason, decided_at, version, updated_at) on approvals to dais_app;
--> statement-breakpoint
insert into workflow_moves (machine, from_state, event, to_state, four_eyes) values
  ('approval', '', 'request', 'pending', false),
  ('approval', 'pending', 'approve', 'granted', true),
  ('approval', 'pending', 'refuse', 'refused', true),
  ('approval', 'pending', 'withdraw', 'withdrawn', false),
  ('approval', 'pending', 'expire', 'expired', false);
--> statement-breakpoint
create constraint trigger approvals_made after insert on approvals deferrable initially deferred
  for each row execute function workflow_checked('approval');
--> statement-breakpoint
create constraint trigger approvals_moved after update of state on approvals deferrable initially deferred
  for each row when (old.state is distinct from new.state) execute function workflow_checked('approval');
--> statement-breakpoint
-- Nothing is granted by fewer people than it needs, whoever writes: votes are rows, each of another person, and none is ever changed.
create function approval_counted() returns trigger language plpgsql as $$
declare most int;
begin
  select coalesce(max(n), 0) into most from (
    select count(*) as n from approval_votes v
    where v.tenant_id = new.tenant_id and v.approval_id = new.id and v.decision = 'approve' group by v.option
  ) as counted;
  if most < new.needed then
    raise exception 'approval %: granted by % of % people', new.id, most, new.needed using errcode = 'DA004';
  end if;
  return null;
end $$;
--> statement-breakpoint
create constraint trigger approvals_counted after update of state on approvals deferrable initially deferred
  for each row when (new.state = 'granted') execute function approval_counted();
--> statement-breakpoint
-- The groups that a person is in, over however many groups.
create function groups_of(tenant uuid, person uuid) returns setof uuid language sql stable as $$
  with recursive mine (id) as (
    select m.group_id from group_members m where m.tenant_id = tenant and m.person_id = person and m.ended_at is null
    union select m.group_id from mine join group_members m on m.tenant_id = tenant and m.member_group_id = mine.id and m.ended_at is null
  )
  select id from mine
$$;
