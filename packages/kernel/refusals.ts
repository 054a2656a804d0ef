import { insertAudit } from "./audit.ts";
import type { Log } from "./context.ts";
import type { Pool } from "./pool.ts";

type Row = Record<string, unknown> & { tenant_id?: unknown };
type Stranger = { kind: string; address: string; requestId: string; at: Date };

const flushMs = 500;
/** Past so many waiting, a refusal waits for the next write: the memory stays bounded and nothing is dropped. */
const most = 2000;
/** Past so many addresses in one write, the rest are counted together. */
const mostAddresses = 500;

/**
 * Keeps a trace of what was refused, written at most half a second later. Refusals of known actors become audit entries of their
 * tenant; those of strangers are counted by kind, address and minute, so that an attack can't make the table grow with its rate.
 */
export function refusals(app: Pool, system: Pool, log: Log) {
  let known: Row[] = [];
  let strangers = new Map<string, Stranger & { count: number; first: Date }>();
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => void flush(), flushMs).unref();

  function flush(): Promise<void> {
    const [rows, counts] = [known, strangers];
    known = [];
    strangers = new Map();
    running = running
      .then(() => write(rows, counts))
      .catch((error) => log.error({ err: error, refusals: rows.length }, "refusals not written"));
    return running;
  }

  async function write(rows: Row[], counts: typeof strangers): Promise<void> {
    for (const [tenant, own] of Map.groupBy(rows, (row) => String(row.tenant_id))) {
      await app.hold(tenant, (lane) =>
        Promise.all([
          lane.send("begin read write"),
          lane.send("select set_config('dais.tenant', $1, true)", [tenant]),
          insertAudit(lane.send, own),
          lane.send("commit"),
        ]),
      );
    }
    if (counts.size > 0)
      await system.hold("", (lane) => lane.send(upsert, [JSON.stringify([...counts.values()].map(countRow))]));
  }

  return {
    known(row: Row): Promise<void> | undefined {
      known.push(row);
      return known.length > most ? flush() : undefined;
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
      await flush();
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
