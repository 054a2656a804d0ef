import type { actions as contract } from "@dais/contracts/actions";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import type { Ctx, Handlers } from "@dais/kernel/context";
import type { Rows } from "@dais/kernel/lane";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { sees } from "../rows.ts";

type Of = Handlers<typeof contract>["history"];
type Entry = Awaited<ReturnType<Of>>["items"][number];

/** What the audit log tells of an action, newest first. One exchange. @throws action_not_found, invalid_cursor */
export const history: Of = async (ctx, input) => {
  const [before = null] = (positionOf(ctx, input) ?? []) as [number?];
  const [rows, there] = await Promise.all([
    ctx.send(text, [ctx.tenant.id, uuidOf(input.id), before, input.limit + 1]),
    sees(ctx, input.id),
  ]);
  if (!there) throw new Problem("action_not_found");
  return pageOf(
    ctx,
    input,
    rows,
    (row) => shown(ctx, row),
    (row) => [Number(row.seq)],
  );
};

const text = `
  select seq::text, id, (extract(epoch from at) * 1000)::float8 as at, actor_id, on_behalf_of, operation, event, reason,
    resource_version, changes
  from audit
  where tenant_id = $1 and resource_id = $2 and resource_type = 'action' and outcome = 'done' and changed and ($3::bigint is null or seq < $3)
  order by seq desc limit $4`;

/** What every change brings along. */
const bookkeeping = ["version", "updatedAt"];

function shown(ctx: Ctx, row: Rows[number]): Entry {
  const changes = (row.changes ?? {}) as Record<string, [unknown, unknown]>;
  const named = (id: unknown) => nameOf(ctx, id as string | null);
  return {
    id: idOf("aud", row.id as string),
    at: new Date(row.at as number).toISOString(),
    by: named(row.actor_id),
    onBehalfOf: named(row.on_behalf_of),
    operation: row.operation as string,
    event: row.event as string | null,
    reason: row.reason as string | null,
    version: row.resource_version as number | null,
    fields: Object.entries(changes)
      .filter(([field]) => !bookkeeping.includes(field))
      .map(([field, [before, after]]) => ({ field, before, after })),
  };
}

/** Who is a person is named to who may see people, and to themselves. */
const nameOf = ({ actor }: Ctx, id: string | null): string | null =>
  id?.startsWith("per_") && id !== actor.id && !actor.permissions.has("person.read") ? null : id;
