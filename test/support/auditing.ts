import { asOwner, settled } from "./owner.ts";
import type { Place } from "./place.ts";
import type { RestClient } from "./rest.ts";
import { aSignal } from "./samples.ts";

/** Reports a signal; answers with its id. */
export const reported = async (api: RestClient, fields: Record<string, unknown> = {}): Promise<string> =>
  (await api.post("/signals", aSignal(fields))).body.signal.id;

/** Entries of an outcome, in their order, as rows. */
export const rowsOf = async ({ tenantId }: Place, outcome: "done" | "refused" | "read") =>
  (await asOwner()`select * from audit where tenant_id = ${tenantId} and outcome = ${outcome} order by seq`) as Record<
    string,
    // biome-ignore lint/suspicious/noExplicitAny: what is in it, the expectations say.
    any
  >[];

/**
 * Writes entries as the server might have, one a second from a moment on: for logs that are long. Once it is done, they can be sealed and
 * exported, whatever else goes on in this Postgres.
 */
export async function manyEntries({ tenantId }: Place, count: number, { people = 10 } = {}): Promise<void> {
  await asOwner()`
    insert into audit (id, tenant_id, at, outcome, actor_kind, actor_id, persons, operation, action, resource_type, resource_id,
      resource_version, classification, event, from_state, to_state, changed, before_digest, after_digest, changes, decision, request_id,
      address, salt, content_salt)
    select gen_random_uuid(), ${tenantId}, '2026-01-01T00:00:00Z'::timestamptz + make_interval(secs => n), 'done', 'user',
      'per_01kejc8ht0e6ssypg6m30swmp' || (n % ${people}::int), '{}', 'signals.acknowledge', 'signal.acknowledge', 'signal', gen_random_uuid(), 2,
      'internal', 'acknowledge', 'new', 'acknowledged', true, md5(n::text) || md5('a' || n), md5('b' || n) || md5('c' || n),
      '{"state": ["new", "acknowledged"], "version": [1, 2]}', '{"permission": "signal.acknowledge", "roles": ["operational"]}',
      gen_random_uuid()::text, '192.0.2.7', md5('d' || n) || md5('e' || n), md5('f' || n) || md5('g' || n)
    from generate_series(1, ${count}) as n`;
  await settled();
}

/** Keeps an organisation's entries of an outcome from being written, as a database in trouble does, until it is taken back. */
export async function unwritable({ tenantId }: Place, outcome: "read" | "refused"): Promise<() => Promise<unknown>> {
  const sql = asOwner();
  const name = `t${tenantId.replaceAll("-", "")}`;
  await sql.unsafe(`
    create function ${name}() returns trigger language plpgsql as $$ begin raise exception 'not now' using errcode = '57014'; end $$;
    create trigger ${name} before insert on audit for each row
      when (new.outcome = '${outcome}' and new.tenant_id = '${tenantId}') execute function ${name}()`);
  return () => sql.unsafe(`drop trigger ${name} on audit; drop function ${name}()`);
}
