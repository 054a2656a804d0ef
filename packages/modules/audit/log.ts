import type { Checkpoint, SigningKey } from "@dais/contracts/audit";
import { idOf } from "@dais/contracts/kit/ids";
import type { Ctx } from "@dais/kernel/context";
import type { Rows } from "@dais/kernel/lane";
import { vkeyOf } from "@dais/kernel/proof/note";

export type Row = Rows[number];

/** What entries and events about the log itself speak of: the organisation, whose log it is. */
export const own = ({ tenant }: Pick<Ctx, "tenant">) => ({
  type: "organisation",
  id: tenant.id,
  publicId: idOf("org", tenant.id),
});

/** A moment as the contract shows it. */
export const moment = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Of a checkpoint `c`: what witnesses have signed of it, in their order. */
const cosignatures = `coalesce((select json_agg(json_build_object('witness', w.witness, 'keyId', w.key_id, 'at', ${moment("w.at")}, 'line', w.line)
  order by w.at, w.witness, w.key_id) from audit_cosignatures w where w.tenant_id = c.tenant_id and w.size = c.size), '[]')`;

/** Checkpoints `c` of the organisation `$1` below or at `$2`, the latest first, `$3` of them. */
export const checkpointsBelow = `
  select c.size, c.root, c.key_id, ${moment("c.made_at")} as made_at, c.note, t.origin, ${cosignatures} as cosignatures
  from audit_checkpoints c join audit_trees t on t.tenant_id = c.tenant_id
  where c.tenant_id = $1 and c.size <= $2::bigint order by c.size desc limit $3::int`;

const largest = Number.MAX_SAFE_INTEGER;

export async function checkpointAt(ctx: Ctx, size?: number): Promise<Row | undefined> {
  const [row] = await ctx.send(checkpointsBelow, [ctx.tenant.id, size ?? largest, 1]);
  return size === undefined || Number(row?.size) === size ? row : undefined;
}

export const checkpoints = (ctx: Ctx, before: number | null, limit: number): Promise<Rows> =>
  ctx.send(checkpointsBelow, [ctx.tenant.id, before === null ? largest : before - 1, limit]);

type Cosignature = Checkpoint["cosignatures"][number] & { line: string };

export function showCheckpoint(row: Row): Checkpoint {
  const lines = row.cosignatures as Cosignature[];
  return {
    origin: row.origin as string,
    size: Number(row.size),
    root: (row.root as Buffer).toString("base64"),
    keyId: row.key_id as string,
    madeAt: row.made_at as string,
    cosignatures: lines.map(({ line, ...of }) => of),
    note: noteOf(row),
  };
}

/** The note with all that was signed of it. */
export const noteOf = (row: Row): string =>
  `${row.note}${(row.cosignatures as Cosignature[]).map(({ line }) => `${line}\n`).join("")}`;

export const keys = (ctx: Ctx, before: [string, string] | null, limit: number): Promise<Rows> =>
  ctx.send(
    `select id, key_id, name, public_key, ${moment("from_at")} as from_at, ${moment("until_at")} as until_at, ${moment("lost_at")} as lost_at
     from audit_keys k where tenant_id = $1 and ($2::timestamptz is null or (k.from_at, k.id) < ($2::timestamptz, $3::uuid))
     order by k.from_at desc, k.id desc limit $4::int`,
    [ctx.tenant.id, before?.[0] ?? null, before?.[1] ?? null, limit],
  );

export const showKey = (row: Row): SigningKey => ({
  keyId: row.key_id as string,
  name: row.name as string,
  vkey: vkeyOf({ name: row.name as string, publicKey: row.public_key as Buffer }),
  fromAt: row.from_at as string,
  untilAt: row.until_at as string | null,
  lostAt: row.lost_at as string | null,
});

/** The log's name, where the sealer has not given it one: see packages/kernel/proof/sealing.ts. */
export const originOf = ({ publicUrl, tenant }: Pick<Ctx, "publicUrl" | "tenant">): string =>
  `${new URL(publicUrl).host}/audit/${tenant.slug}`;

const urlOf = (ctx: Ctx) => `${ctx.publicUrl}/audit/${ctx.tenant.slug}`;

export async function tiles(ctx: Ctx): Promise<{ open: boolean; url: string }> {
  const [row] = await ctx.send("select tiles_open from audit_trees where tenant_id = $1", [ctx.tenant.id]);
  return { open: row?.tiles_open === true, url: urlOf(ctx) };
}

/** Also before anything was sealed. */
export async function setTiles(ctx: Ctx, open: boolean): Promise<{ changed: boolean; open: boolean; url: string }> {
  const rows = await ctx.send(
    `insert into audit_trees as t (tenant_id, origin, tiles_open) values ($1, $2, $3::boolean)
     on conflict (tenant_id) do update set tiles_open = excluded.tiles_open where t.tiles_open <> excluded.tiles_open
     returning xmax = 0 as made`,
    [ctx.tenant.id, originOf(ctx), open],
  );
  const changed = rows.length > 0 && (rows[0]?.made !== true || open);
  return { changed, open, url: urlOf(ctx) };
}
