import type { audit as contract } from "@dais/contracts/audit";
import { uuidOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { pageOf, positionOf } from "@dais/kernel/paging";
import { Problem } from "@dais/kernel/problem";
import { exported } from "./export.ts";
import { retire } from "./keys.ts";
import { checkpointAt, checkpoints, keys, own, setTiles, showCheckpoint, showKey, tiles } from "./log.ts";
import { consistencyOf, proofOf } from "./proofs.ts";
import { byId, newest } from "./rows.ts";
import { show } from "./show.ts";
import { addWitness, cosign, removeWitness, showWitness, witnesses } from "./witnesses.ts";

export { keepKey } from "./keys.ts";
export { firstProofOf, ofFacts } from "./proofs.ts";

/** One function for each operation of contracts/audit.ts, under the same name. */
export const audit: Handlers<typeof contract> = {
  search: async (ctx, input) => {
    const before = positionOf(ctx, input) as [string, number] | null;
    const rows = await newest(ctx, input, before, input.limit + 1);
    return pageOf(
      ctx,
      input,
      rows,
      (row) => show(ctx, row),
      (row) => [row.at, row.seq],
    );
  },

  get: async (ctx, { id }) => {
    const row = await byId(ctx, uuidOf(id));
    if (!row) throw new Problem("audit_entry_not_found");
    return show(ctx, row);
  },

  export: exported,

  checkpoint: async (ctx, { size }) => {
    const row = await checkpointAt(ctx, size);
    if (!row) throw new Problem("audit_checkpoint_not_found");
    return showCheckpoint(row);
  },

  checkpoints: async (ctx, input) => {
    const [before] = positionOf(ctx, input) ?? [null];
    const rows = await checkpoints(ctx, before as number | null, input.limit + 1);
    return pageOf(ctx, input, rows, showCheckpoint, (row) => [Number(row.size)]);
  },

  proof: (ctx, { id, size }) => proofOf(ctx, id, size),

  consistency: (ctx, { from, to }) => consistencyOf(ctx, from, to),

  keys: async (ctx, input) => {
    const rows = await keys(ctx, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, showKey, (row) => [row.from_at as string, row.id as string]);
  },

  rotate: async (ctx) => {
    const former = await retire(ctx);
    record(ctx, { resource: own(ctx), changed: former !== null, decision: { former } });
    return { changed: former !== null, former };
  },

  witnesses: async (ctx, input) => {
    const rows = await witnesses(ctx, positionOf(ctx, input) as [string, string] | null, input.limit + 1);
    return pageOf(ctx, input, rows, showWitness, (row) => [row.added_at as string, row.id as string]);
  },

  addWitness: (ctx, { vkey }) => addWitness(ctx, vkey),

  removeWitness: (ctx, { id }) => removeWitness(ctx, id),

  cosign: (ctx, { size, line }) => cosign(ctx, size, line),

  tiles: async (ctx) => tiles(ctx),

  setTiles: async (ctx, { open }) => {
    const { changed, ...after } = await setTiles(ctx, open);
    record(ctx, { resource: own(ctx), before: { open: changed ? !open : open }, after: { open }, changed });
    if (changed) emit(ctx, { name: "audit.tiles_set", resource: own(ctx), payload: { id: own(ctx).publicId, open } });
    return { changed, ...after };
  },
};
