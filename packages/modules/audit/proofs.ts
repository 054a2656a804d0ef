import type { ProofBundle } from "@dais/contracts/audit";
import { uuidOf } from "@dais/contracts/kit/ids";
import { arrayOf } from "@dais/drizzle/schema/texts";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { commitment, commitmentBytes, halves, halvesOf } from "@dais/kernel/proof/entry";
import { hashesIn, type Tile } from "@dais/kernel/proof/tiles";
import { consistency, inclusion } from "@dais/kernel/proof/tree";
import { finding } from "@dais/kernel/told";
import { checkpointsBelow, moment, noteOf } from "./log.ts";

/**
 * The entry with the proof that it is under a checkpoint: what others check offline. One exchange, whatever the size of the log.
 * @throws audit_entry_not_found, audit_checkpoint_not_found, audit_not_sealed
 * @see https://c2sp.org/tlog-proof
 */
export async function proofOf(ctx: Ctx, id: string, size?: number): Promise<ProofBundle> {
  const visible = arrayOf(ctx.visible);
  const [row] = await ctx.send(proven, [ctx.tenant.id, size ?? Number.MAX_SAFE_INTEGER, 1, uuidOf(id), visible]);
  if (!row) throw new Problem("audit_entry_not_found");
  if (size !== undefined && Number(row.size) !== size) throw new Problem("audit_checkpoint_not_found");
  const [index, signed] = [Number(row.index), Number(row.size)];
  if (row.index === null || row.size === null || index >= signed)
    throw new Problem("audit_not_sealed", { retryAfterSeconds: 1 });
  const hashes = inclusion(hashesIn(tilesOf(row.tiles)), index, signed);
  const entry = entryOf(row);
  // A bundle names the entry as the log does, by a uuid; the record of reads by its public id.
  const { found, add } = finding(ctx.tenant);
  if (entry.facts.classification !== null) add({ id, classification: entry.facts.classification });
  ctx.written.tells = found;
  return {
    format: "dais-proof/1",
    origin: row.origin as string,
    index,
    entry,
    proof: ["c2sp.org/tlog-proof@v1", `index ${index}`, ...hashes.map(base64), "", noteOf(row)].join("\n"),
  };
}

/**
 * The proof under the first checkpoint that covers the entry, the size of that checkpoint, and when it was signed; null until there is one.
 * Two exchanges.
 */
export async function firstProofOf(
  ctx: Ctx,
  id: string,
): Promise<{ bundle: ProofBundle; size: number; note: string; madeAt: string } | null> {
  const [row] = await ctx.send(first, [ctx.tenant.id, uuidOf(id)]);
  if (!row) return null;
  const size = Number(row.size);
  const bundle = await proofOf(ctx, id, size);
  return { bundle, size, note: row.note as string, madeAt: row.made_at as string };
}

/** What of the entry was committed to, and with which salts. Where the content was erased, the commitment to it stands in its place. */
function entryOf(row: Record<string, unknown>): ProofBundle["entry"] {
  const { facts, factsSalt, content, contentSalt } = halvesOf(row);
  const erased = content === null;
  return {
    ...{ facts, factsSalt, content, contentSalt },
    contentCommitment: erased ? (row.data as Buffer).subarray(commitmentBytes).toString("hex") : null,
  } as ProofBundle["entry"];
}

/**
 * The same proof of the facts alone: in the place of the content stands the commitment to it, as where it was erased. For what leaves the
 * house: from which address and in which session somebody acted is nobody's there.
 */
export function ofFacts({ entry, ...bundle }: ProofBundle): ProofBundle {
  const { content, contentSalt } = entry;
  if (content === null || contentSalt === null) return { ...bundle, entry };
  const contentCommitment = commitment(content, contentSalt).toString("hex");
  return { ...bundle, entry: { ...entry, content: null, contentSalt: null, contentCommitment } };
}

/**
 * The proof that the log of `to` entries begins with the log of `from` entries.
 * @throws audit_checkpoint_not_found where nothing was signed yet, audit_sizes_invalid
 * @see RFC 6962, section 2.1.2
 */
export async function consistencyOf(ctx: Ctx, from: number, to?: number) {
  const [row] = await ctx.send(consistent, [ctx.tenant.id, from, to ?? null]);
  const signed = Number(row?.signed_size ?? 0);
  if (signed === 0) throw new Problem("audit_checkpoint_not_found");
  const end = to ?? signed;
  if (from > end || end > signed) throw new Problem("audit_sizes_invalid", { size: signed });
  return { from, to: end, hashes: consistency(hashesIn(tilesOf(row?.tiles)), from, end).map(base64) };
}

const base64 = (hash: Buffer): string => hash.toString("base64");

const tilesOf = (json: unknown): Tile[] =>
  ((json ?? []) as (Omit<Tile, "hashes"> & { hashes: string })[]).map(({ hashes, ...place }) => ({
    ...place,
    hashes: Buffer.from(hashes, "hex"),
  }));

/** For a proof about two places in the log: on each level the tiles at which they lie. See `tilesAround`. */
const around = (one: string, other: string) => `
  (select json_agg(json_build_object('level', n.level, 'tile', n.tile, 'hashes', encode(n.hashes, 'hex')))
   from generate_series(0, 6) as l (level) join audit_nodes n on n.tenant_id = $1 and n.level = l.level
     and n.tile in (${one} >> (8 * (l.level + 1)), ${other} >> (8 * (l.level + 1)))) as tiles`;

const proven = `
  with c as (${checkpointsBelow}), e as (
    select l.index, l.data, ${halves} from audit a
      left join audit_leaves l on l.tenant_id = a.tenant_id and l.seq = a.seq
    where a.tenant_id = $1 and a.id = $4 and (a.classification is null or a.classification = any ($5::text[]))
  )
  select e.*, c.size, c.origin, c.note, c.cosignatures, ${around("e.index", "c.size")} from e left join c on true`;

const first = `
  select c.size, c.note, ${moment("c.made_at")} as made_at
  from audit a join audit_leaves l on l.tenant_id = a.tenant_id and l.seq = a.seq
    join audit_checkpoints c on c.tenant_id = l.tenant_id and c.size > l.index
  where a.tenant_id = $1 and a.id = $2 order by c.size limit 1`;

const consistent = `
  select t.signed_size, ${around("$2::bigint", "coalesce($3::bigint, t.signed_size)")} from audit_trees t where t.tenant_id = $1`;
