import type { Log } from "./context.ts";
import type { Pool } from "./pool.ts";

/** A row whose `last_used_at` tells when it was last called with. */
export type Used = { table: "api_keys" | "programs"; id: string };
type Use = Used & { tenantId: string; at: Date };

const flushMs = 2000;
/** A row is written at most so often, by each process and by all of them. */
const everyMs = 60_000;
const most = 50_000;

/** Notes when credentials were last used, to the minute, off the way of the calls. What can't be written now is written later, or never. */
export function uses(app: Pool, log: Log) {
  const noted = new Map<string, number>();
  let waiting = new Map<string, Use>();
  let running: Promise<void> = Promise.resolve();
  const timer = setInterval(() => void flush(), flushMs).unref();

  function flush(): Promise<void> {
    const all = [...waiting.values()];
    waiting = new Map();
    running = running
      .then(() => write(all))
      .catch((error) => log.warn({ err: error, uses: all.length }, "last uses not written"));
    return running;
  }

  async function write(all: Use[]): Promise<void> {
    for (const [tenantId, own] of Map.groupBy(all, (use) => use.tenantId))
      await app.hold(tenantId, (lane) =>
        Promise.all([
          lane.send("begin read write"),
          lane.send("select set_config('dais.tenant', $1, true)", [tenantId]),
          ...[...Map.groupBy(own, (use) => use.table)].map(([table, its]) =>
            lane.send(updates[table], [
              tenantId,
              JSON.stringify(its.map(({ id, at }) => ({ id, at: at.toISOString() }))),
            ]),
          ),
          lane.send("commit"),
        ]),
      );
  }

  return {
    note({ table, id }: Used, tenantId: string, at: Date): void {
      const time = at.getTime();
      if (time - (noted.get(id) ?? Number.NEGATIVE_INFINITY) < everyMs) return;
      if (noted.size >= most) noted.clear();
      noted.set(id, time);
      waiting.set(id, { table, id, tenantId, at });
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}

const update = (table: Used["table"]) => `
  update ${table} t set last_used_at = r.at from json_to_recordset($2::json) as r(id uuid, at timestamptz)
  where t.tenant_id = $1 and t.id = r.id and (t.last_used_at is null or t.last_used_at <= r.at - interval '1 minute')`;
const updates = { api_keys: update("api_keys"), programs: update("programs") };
