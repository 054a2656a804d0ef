import type { Log } from "./context.ts";
import type { Pool } from "./pool.ts";
import { repeated } from "./repeated.ts";
import type { Row, Trail } from "./trail.ts";

type Stranger = { kind: string; address: string; requestId: string; at: Date };

const flushMs = 500;
/** Past so many addresses in one write, the rest are counted together. */
const mostAddresses = 500;

/**
 * Keeps a trace of what was refused. Refusals of known actors become audit entries of their tenant, those that repeat one entry a minute;
 * those of strangers are counted by kind, address and minute: so an attack can't make a table grow with its rate.
 */
export function refusals(entries: Trail, system: Pool, log: Log, now: () => Date) {
  let strangers = new Map<string, Stranger & { count: number; first: Date }>();
  let running: Promise<unknown> = Promise.resolve();
  const again = repeated();
  const timer = setInterval(() => void flush(), flushMs).unref();

  function flush(before: Date | null = now()): Promise<unknown> {
    for (const row of again.over(before)) void entries.later(row);
    const counts = strangers;
    strangers = new Map();
    if (counts.size > 0)
      running = running
        .then(() => count(counts))
        .catch((error) => log.error({ err: error, refusals: counts.size }, "refusals not written"));
    return running;
  }

  const count = (counts: typeof strangers): Promise<unknown> =>
    system.hold("", (lane) => lane.send(upsert, [JSON.stringify([...counts.values()].map(countRow))]));

  return {
    known(row: Row): Promise<void> | undefined {
      return again.isOneOfMany(row) ? undefined : entries.later(row);
    },
    stranger(of: Stranger): void {
      const address = strangers.size < mostAddresses ? of.address : "*";
      const key = `${of.kind} ${address} ${Math.floor(of.at.getTime() / 60_000)}`;
      const seen = strangers.get(key);
      if (seen) Object.assign(seen, { count: seen.count + 1, at: of.at });
      else strangers.set(key, { ...of, address, count: 1, first: of.at });
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush(null);
    },
  };
}

const upsert = `
  insert into security_events (kind, address, minute, count, first_at, last_at, request_id)
  select kind, address, minute, count, first_at, last_at, request_id from json_to_recordset($1::json)
    as r(kind text, address text, minute timestamptz, count int, first_at timestamptz, last_at timestamptz, request_id text)
  on conflict (kind, address, minute) do update
    set count = security_events.count + excluded.count, last_at = excluded.last_at, request_id = excluded.request_id`;

const countRow = (of: Stranger & { count: number; first: Date }) => ({
  kind: of.kind,
  address: of.address,
  minute: new Date(Math.floor(of.at.getTime() / 60_000) * 60_000).toISOString(),
  count: of.count,
  first_at: of.first.toISOString(),
  last_at: of.at.toISOString(),
  request_id: of.requestId,
});
