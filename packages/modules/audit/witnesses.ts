import type { Checkpoint, Witness } from "@dais/contracts/audit";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import type { Rows } from "@dais/kernel/lane";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { cosignedAt, readSignatureLine, readVkey, vkeyOf } from "@dais/kernel/proof/note";
import { checkpointsBelow, moment, own, type Row, showCheckpoint } from "./log.ts";

const mostWitnesses = 16;
/** A witness's clock may be ahead of ours by so much. */
const aheadMs = 5 * 60_000;

const shown = `id, name, key_id, public_key, added_by, ${moment("added_at")} as added_at, ${moment("removed_at")} as removed_at`;

export const witnesses = (ctx: Ctx, before: [string, string] | null, limit: number): Promise<Rows> =>
  ctx.send(
    `select ${shown} from audit_witnesses w where tenant_id = $1 and ($2::timestamptz is null or (w.added_at, w.id) < ($2::timestamptz, $3::uuid))
     order by w.added_at desc, w.id desc limit $4::int`,
    [ctx.tenant.id, before?.[0] ?? null, before?.[1] ?? null, limit],
  );

export const showWitness = (row: Row): Witness => ({
  id: idOf("wit", row.id as string),
  name: row.name as string,
  keyId: row.key_id as string,
  vkey: vkeyOf({ name: row.name as string, publicKey: row.public_key as Buffer, type: 4 }),
  addedBy: row.added_by as string,
  addedAt: row.added_at as string,
  removedAt: row.removed_at as string | null,
});

type Change = { changed: boolean; witness: Witness };

/** Two who add witnesses at once do so one after the other. @throws audit_witness_key_invalid, audit_witnesses_full */
export async function addWitness(ctx: Ctx, vkey: string): Promise<Change> {
  const key = readVkey(vkey);
  if (key?.type !== 4 || key.name.length > 200) throw new Problem("audit_witness_key_invalid");
  const [, rows] = await Promise.all([
    ctx.send("select pg_advisory_xact_lock(hashtextextended('audit witnesses ' || $1::text, 0))", [ctx.tenant.id]),
    ctx.send(`select ${shown} from audit_witnesses where tenant_id = $1 and removed_at is null`, [ctx.tenant.id]),
  ]);
  const known = rows.find((row) => row.name === key.name && row.key_id === key.id);
  if (known) return kept(ctx, known, false);
  if (rows.length >= mostWitnesses) throw new Problem("audit_witnesses_full", { limit: mostWitnesses });
  const its = [ctx.newId(), ctx.tenant.id, key.name, key.id, key.publicKey, ctx.actor.id, ctx.now.toISOString()];
  const [made] = await ctx.send(
    `insert into audit_witnesses (id, tenant_id, name, key_id, public_key, added_by, added_at) values ($1, $2, $3, $4, $5, $6, $7) returning ${shown}`,
    its,
  );
  return kept(ctx, made as Row, true);
}

/** @throws audit_witness_not_found */
export async function removeWitness(ctx: Ctx, id: string): Promise<Change> {
  const its = [ctx.tenant.id, uuidOf(id)];
  const [row] = await ctx.send(`select ${shown} from audit_witnesses where tenant_id = $1 and id = $2 for update`, its);
  if (!row) throw new Problem("audit_witness_not_found");
  if (row.removed_at !== null) return kept(ctx, row, false);
  const [gone] = await ctx.send(
    `update audit_witnesses set removed_at = $3 where tenant_id = $1 and id = $2 returning ${shown}`,
    [...its, ctx.now.toISOString()],
  );
  return kept(ctx, gone as Row, true);
}

/** On record, and told where it is another than before. */
function kept(ctx: Ctx, row: Row, changed: boolean): Change {
  const witness = showWitness(row);
  record(ctx, { resource: { type: "witness", id: row.id as string }, after: witness, changed });
  const { publicId: id, ...resource } = own(ctx);
  const payload = { id, witnessId: witness.id, name: witness.name };
  if (changed && witness.removedAt) emit(ctx, { name: "audit.witness_removed", resource, payload });
  else if (changed) emit(ctx, { name: "audit.witness_added", resource, payload });
  return { changed, witness };
}

/**
 * Takes a cosignature in. The first one of a witness for a checkpoint stays.
 * @throws audit_checkpoint_not_found, audit_cosignature_invalid
 */
export async function cosign(ctx: Ctx, size: number, line: string) {
  const [[row], keys] = await Promise.all([
    ctx.send(checkpointsBelow, [ctx.tenant.id, size, 1]),
    ctx.send("select name, key_id, public_key from audit_witnesses where tenant_id = $1 and removed_at is null", [
      ctx.tenant.id,
    ]),
  ]);
  if (!row || Number(row.size) !== size) throw new Problem("audit_checkpoint_not_found");
  const said = readSignatureLine(line);
  const key = keys.find(({ name, key_id }) => name === said?.name && key_id === said?.keyId);
  const at = key && cosignedAt(line, row.note as string, keyOf(key));
  if (!key || !at || at.getTime() > ctx.now.getTime() + aheadMs) throw new Problem("audit_cosignature_invalid");
  const { size: of, cosignatures } = showCheckpoint(row);
  const changed = !cosignatures.some((one) => one.witness === key.name && one.keyId === key.key_id);
  if (changed)
    await ctx.send(
      `insert into audit_cosignatures (tenant_id, size, witness, key_id, line, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
      [ctx.tenant.id, of, key.name, key.key_id, line, at.toISOString()],
    );
  record(ctx, { resource: own(ctx), changed, decision: { size: of, witness: key.name } });
  return {
    changed,
    checkpoint: changed ? withLine(row, { witness: key.name, keyId: key.key_id, line, at }) : showCheckpoint(row),
  };
}

const keyOf = (row: Row) => ({
  name: row.name as string,
  id: row.key_id as string,
  publicKey: row.public_key as Buffer,
  type: 4 as const,
});

/** The checkpoint with one more line, in the order in which it is read: by the witnesses' clocks. */
function withLine(row: Row, { at, ...added }: Record<string, unknown> & { at: Date }): Checkpoint {
  const all = [...(row.cosignatures as Record<string, string>[]), { ...added, at: at.toISOString() }];
  const keyed = (one: Record<string, unknown>) => `${one.at} ${one.witness} ${one.keyId}`;
  return showCheckpoint({ ...row, cosignatures: all.sort((a, b) => (keyed(a) < keyed(b) ? -1 : 1)) });
}
