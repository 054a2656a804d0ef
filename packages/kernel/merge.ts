import type { ProblemCode } from "@dais/contracts";
import { canonical } from "./canonical.ts";
import type { Ctx } from "./context.ts";
import { Problem } from "./problem.ts";

/** A thing as it is now, held by the call. `shown`: as the contract shows it. */
export type Current = { type: string; id: string; version: number; shown: object };

/** What a caller wants of a thing: upon which version, and which fields should have which values. */
export type Wanted<Fields extends object> = { version: number; fields: Fields };

/** A field that somebody has changed since: its value now, who made it that and when. `by` is null for who may not see people. */
export type Differing = { field: string; current: unknown; by: string | null; at: string };

/** What a late change comes to: what is left of it to do, or why nothing may be done of it. */
export type Judged<Fields extends object> =
  | { fields: Fields; merged: boolean; refused: null }
  | { refused: { version: number; fields: Differing[] } };

/**
 * Judges changes that may come late. Upon the current version a change is made as it is. Upon an older one it is merged where the operation
 * says so (`onStale: "merge"`) and the caller hasn't sent `If-Match`: as long as nobody has changed one of its fields since, or to the same
 * value. What has been changed since, and by whom, the audit log tells; where that lacks a version, nothing is merged.
 *
 * No exchange where all are upon the current version, otherwise one, however many there are.
 * @returns in the order asked for
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-13.1.1
 */
export async function merging<Fields extends object>(
  ctx: Ctx,
  each: readonly { current: Current; wanted: Wanted<Fields> }[],
): Promise<Judged<Fields>[]> {
  const late = each.filter(({ current, wanted }) => wanted.version < current.version);
  const since = late.length > 0 ? await changesSince(ctx, late) : new Map<string, Change[]>();
  return each.map(({ current, wanted: { version, fields } }) => {
    if (version === current.version) return { fields, merged: false, refused: null };
    const now = current.shown as Record<string, unknown>;
    // What belongs to a thing is on record under its id, too, and makes no version of it.
    const changes = (since.get(current.id) ?? []).filter(({ field }) => field in now);
    const known = new Set(changes.map((change) => change.version)).size === current.version - version;
    const differing = newest(changes).map((change) => ({
      ...{ field: change.field, current: now[change.field] ?? null, by: nameOf(ctx, change.by), at: change.at },
    }));
    const against = differing.filter(
      ({ field, current: value }) =>
        field in fields && canonical((fields as Record<string, unknown>)[field]) !== canonical(value),
    );
    if (ctx.merges && known && against.length === 0) return { fields, merged: true, refused: null };
    return { refused: { version: current.version, fields: ctx.merges && known ? against : differing } };
  });
}

/** The same of one thing. @throws the problem `changed` (412), which says the version and the fields that differ */
export async function merge<Fields extends object>(
  ctx: Ctx,
  current: Current,
  wanted: Wanted<Fields>,
  changed: ProblemCode,
): Promise<{ fields: Fields; merged: boolean }> {
  const [judged] = await merging(ctx, [{ current, wanted }]);
  if (!judged || judged.refused) throw new Problem(changed, judged?.refused ?? {});
  return judged;
}

type Change = { field: string; version: number; by: string; at: string };

/** What every change brings along. */
const bookkeeping = ["version", "updatedAt"];

async function changesSince(
  ctx: Ctx,
  late: readonly { current: Current; wanted: Wanted<object> }[],
): Promise<Map<string, Change[]>> {
  const asked = late.map(({ current: { type, id }, wanted: { version } }) => ({ type, id, version }));
  const rows = await ctx.send(text, [ctx.tenant.id, JSON.stringify(asked)]);
  const found = Map.groupBy(rows, (row) => row.resource_id as string);
  return new Map(
    [...found].map(([id, its]) => [
      id,
      its.map((row) => ({
        ...{ field: row.field as string, version: row.resource_version as number },
        ...{ by: row.actor_id as string, at: new Date(row.at as number).toISOString() },
      })),
    ]),
  );
}

const text = `
  select a.resource_id, a.resource_version, a.actor_id, (extract(epoch from a.at) * 1000)::float8 as at, f.field
  from json_to_recordset($2::json) as w (type text, id uuid, version int)
    join audit a on a.tenant_id = $1 and a.resource_id = w.id and a.resource_type = w.type and a.resource_version > w.version
    cross join lateral jsonb_object_keys(a.changes) as f (field)
  where a.outcome = 'done' and a.changed
  order by a.seq`;

/** The last change of each field, but of those that say nothing. */
const newest = (changes: readonly Change[]): Change[] =>
  [...new Map(changes.map((change) => [change.field, change])).values()].filter(
    ({ field }) => !bookkeeping.includes(field),
  );

/** Who is a person is named to who may see people, and to themselves. */
const nameOf = ({ actor }: Ctx, by: string): string | null =>
  by.startsWith("per_") && by !== actor.id && !actor.permissions.has("person.read") ? null : by;
