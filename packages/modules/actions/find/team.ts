/**
 * The team of a person, as the beginning of a statement: `below`, their entity and those below it; `led`, the people who report to them and
 * who are in a group of which they are the owner, each over any number of steps. Nobody is their own team.
 */
export const teamText = (tenant: string, person: string): string => `
  with recursive below (id) as (
    select entity_id from people where tenant_id = ${tenant} and id = ${person} and entity_id is not null
    union select e.id from below b join entities e on e.tenant_id = ${tenant} and e.parent_id = b.id
  ), reporting (id) as (
    select id from people where tenant_id = ${tenant} and manager_id = ${person}
    union select p.id from reporting r join people p on p.tenant_id = ${tenant} and p.manager_id = r.id
  ), owned (id) as (
    select id from groups where tenant_id = ${tenant} and owner_id = ${person} and deleted_at is null
    union select g.id from owned o
      join group_members m on m.tenant_id = ${tenant} and m.group_id = o.id and m.ended_at is null
      join groups g on g.tenant_id = ${tenant} and g.id = m.member_group_id and g.deleted_at is null
  ), led (id) as (
    select id from reporting
    union select m.person_id from owned o
      join group_members m on m.tenant_id = ${tenant} and m.group_id = o.id and m.ended_at is null and m.person_id is not null
    except select ${person}
  )`;
