import type { Log } from "../context.ts";
import type { Connection, Lane, Rows } from "../lane.ts";
import { steady } from "../relay/steady.ts";
import { type Sealed, sealBatch } from "./batch.ts";
import type { NewKey, SigningKeys } from "./signing-keys.ts";

/** Why there is a new key. `lost`: what was sealed can't be opened any more. */
export type KeyReason = "first" | "rotated" | "lost";

export type SealingOptions = {
  connection: Connection;
  keys: SigningKeys;
  /** Host of the address by which callers reach the server: logs are named below it. */
  host: string;
  /** Puts a key in the place of the one that there was, on record, unless somebody else has. */
  keep(tenantId: string, key: NewKey, reason: KeyReason, former: string | null): Promise<unknown>;
  now(): Date;
  log: Log;
  /** How long a key must have been impossible to open before it counts as lost: another process may know better. */
  lostAfterMs?: number;
};

/** How much waits to be sealed, in the whole database. */
export type Unsealed = {
  /** Counted up to 10 000 for each organisation. */
  entries: number;
  /** Age of the oldest of them; 0: there is none. */
  lagSeconds: number;
};

export type Sealing = {
  /** As it was counted last, a few seconds ago at most. */
  unsealed(): Unsealed;
  /** Resolves when what is under way has ended. */
  stop(): Promise<void>;
};

/** With the batch itself, well below the second in which an entry has to be under a signature. */
const pollMs = 250;
const most = 500;
/** A log that is behind is signed each time that so many batches have been added to it. */
const signedEach = 8;
/** A log that is behind is worked on one part of the time in so many: it shares processor and disk with those who wait for their answer. */
const restFor = 8;
const mostRestMs = 1000;
const leastPauseMs = 10;
const countMs = 5000;
const mostPauseMs = 5000;

/**
 * Seals what commits leave in the audit log: every entry, once, in an order that nobody can change afterwards, a tree for each organisation; and signs
 * each tree as it has become. Any number of processes may do it, and any may die at any point.
 * @see docs/audit.md
 */
export function sealing(options: SealingOptions): Sealing {
  const { log, now, keys, lostAfterMs = 10_000 } = options;
  // The log is walked in the order of its index, whatever the planner believes of a table that only grows.
  const planned = { enable_seqscan: "off", enable_bitmapscan: "off" };
  const connection = { ...options.connection, connection: { ...options.connection.connection, ...planned } };
  const line = steady(connection as Connection, { log, name: "dais sealing" });
  const closed = new Map<string, { size: number; since: number }>();
  const sizes = new Map<string, number>();
  /** Logs that are behind: how many batches they have had since, and when the next one may begin. */
  const behind = new Map<string, { batches: number; restsUntil: number }>();
  let counted: Unsealed = { entries: 0, lagSeconds: 0 };
  let countAt = 0;
  let stopping = false;
  let wake = () => {};

  const pause = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, stopping ? 0 : ms).unref();
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  /** One batch: an hour's backlog of one organisation delays nobody else's signature by more than that. */
  async function turn(lane: Lane, tenantId: string): Promise<void> {
    const start = performance.now();
    const batches = (behind.get(tenantId)?.batches ?? 0) + 1;
    const asked = sizes.get(tenantId) ?? most;
    const sealed = await sealBatch(lane, {
      ...{ tenantId, most: asked, last: batches % signedEach === 0, keys, now: now() },
    });
    if (!sealed) return;
    sizes.set(tenantId, sealed.large ? Math.max(1, sealed.entries * 2) : Math.min(most, asked * 2));
    const end = performance.now();
    if (sealed.more) behind.set(tenantId, { batches, restsUntil: end + Math.min(mostRestMs, (end - start) * restFor) });
    else behind.delete(tenantId);
    if (sealed.keyless) return keyFor(tenantId, sealed, sealed.keyless.keyId);
    closed.delete(tenantId);
  }

  async function keyFor(tenantId: string, { size }: Sealed, former: string | null): Promise<void> {
    const [tree] = await line.use((lane) => lane.send(named, [tenantId]));
    if (former !== null) {
      const known = closed.get(tenantId);
      const signed = Number(tree?.signed_size);
      if (known?.size !== signed) {
        closed.set(tenantId, { size: signed, since: performance.now() });
        log.error({ tenantId, keyId: former, size }, "the key that signs the audit log can't be opened: see SEAL_KEYS");
        if (lostAfterMs > 0) return;
      } else if (performance.now() - known.since < lostAfterMs) return;
    }
    const reason = former !== null ? "lost" : tree?.keyed ? "rotated" : "first";
    await options.keep(tenantId, keys.make(tenantId, tree?.origin as string), reason, former);
    closed.delete(tenantId);
    log.info({ tenantId, reason }, "the audit log has a new key");
  }

  async function round(): Promise<void> {
    const trees = await line.use((lane) => lane.send(due));
    const ids = new Set(trees.map(({ tenant_id: id }) => id as string));
    for (const tenantId of behind.keys()) if (!ids.has(tenantId)) behind.delete(tenantId);
    for (const { tenant_id: id, slug, origin } of trees) {
      if (stopping) return;
      const tenantId = id as string;
      if ((behind.get(tenantId)?.restsUntil ?? 0) > performance.now()) continue;
      // What goes wrong with one log must not hold up the others.
      await line
        .use(async (lane) => {
          if (origin === null) await lane.send(plant, [tenantId, `${options.host}/audit/${slug}`]);
          await turn(lane, tenantId);
        })
        .catch((error) => log.error({ err: error, tenantId }, "the audit log could not be sealed; it is tried again"));
    }
    if (performance.now() < countAt) return;
    countAt = performance.now() + countMs;
    counted = shown(await line.use((lane) => lane.send(waiting)), now());
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stopping) {
      try {
        await round();
        failures = 0;
      } catch (error) {
        failures += 1;
        log.warn({ err: error, failures }, "sealing failed; it is tried again");
      }
      await pause(failures > 0 ? Math.min(mostPauseMs, pollMs * 2 ** Math.min(failures, 8)) : untilNext());
    }
  }

  function untilNext(): number {
    const soonest = Math.min(...[...behind.values()].map(({ restsUntil }) => restsUntil - performance.now()), pollMs);
    return Math.max(leastPauseMs, soonest);
  }

  const running = run();
  return {
    unsealed: () => counted,
    async stop() {
      stopping = true;
      wake();
      await running;
      await line.close();
    },
  };
}

const shown = ([row]: Rows, at: Date): Unsealed => ({
  entries: Number(row?.entries ?? 0),
  lagSeconds: row?.oldest ? Math.max(0, (at.getTime() - new Date(row.oldest as string).getTime()) / 1000) : 0,
});

/** Organisations whose log has something to seal or to sign; `origin` is null where there is no tree yet. */
const due = `
  select o.id as tenant_id, o.slug, t.origin from organisations o left join audit_trees t on t.tenant_id = o.id
  where t.size > t.signed_size or t.sealed_through > pg_snapshot_xmax(pg_current_snapshot()) or exists (
    select from audit a where a.tenant_id = o.id and (a.xid, a.seq) > (coalesce(t.sealed_through, '0'), coalesce(t.after_seq, 0))
      and a.xid < pg_snapshot_xmin(pg_current_snapshot()))
  order by random()`;

const plant = "insert into audit_trees (tenant_id, origin) values ($1, $2) on conflict do nothing";

const named = `
  select origin, signed_size, exists (select from audit_keys k where k.tenant_id = t.tenant_id) as keyed from audit_trees t where tenant_id = $1`;

const waiting = `
  select sum(w.entries)::int as entries, min(w.oldest) as oldest
  from organisations o left join audit_trees t on t.tenant_id = o.id
  cross join lateral (select count(*) as entries, min(at) as oldest from (
    select a.at from audit a where a.tenant_id = o.id and (a.xid, a.seq) > (coalesce(t.sealed_through, '0'), coalesce(t.after_seq, 0))
    order by a.xid, a.seq limit 10000) of) as w`;
