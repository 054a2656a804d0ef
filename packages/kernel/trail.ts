import { insertAudit } from "./audit.ts";
import type { Log } from "./context.ts";
import { faultOf } from "./faults.ts";
import type { Pool } from "./pool.ts";
import { Problem } from "./problem.ts";

export type Row = Record<string, unknown> & { tenant_id?: unknown };
/** `sure`: of whoever waits until it is written. */
type Waiting = { row: Row; sure?: { resolve(): void; reject(error: unknown): void } };

const flushMs = 500;
/** Past so many waiting, whoever brings another one waits for the next write. */
const roomy = 2000;
/** Past so many, while the database is away, the oldest are given up: a process must not die of what it can't write. */
const most = 20_000;

/**
 * Writes entries of what changed nothing, refusals and reads, beside the calls that they tell of: in bulk, half a second later at most, a
 * transaction for each organisation. What can't be written while the database is away is written when it is back.
 * @param gather More rows, asked for before each write
 */
export function trail(app: Pool, log: Log, gather: () => readonly Row[] = () => []) {
  let waiting: Waiting[] = [];
  let running: Promise<void> = Promise.resolve();
  let next: Promise<void> | null = null;
  const timer = setInterval(() => void flush(), flushMs).unref();

  /** Whoever comes while one write is under way shares the next one. */
  function flush(): Promise<void> {
    next ??= running.then(async () => {
      next = null;
      running = write();
      await running;
    });
    return next;
  }

  async function write(): Promise<void> {
    waiting.push(...gather().map((row) => ({ row })));
    const all = waiting;
    waiting = [];
    await Promise.all(
      [...Map.groupBy(all, ({ row }) => String(row.tenant_id))].map(([tenant, own]) => put(tenant, own)),
    );
  }

  async function put(tenant: string, own: readonly Waiting[]): Promise<void> {
    try {
      await app.hold(tenant, (lane) =>
        Promise.all([
          lane.send("begin read write"),
          lane.send("select set_config('dais.tenant', $1, true)", [tenant]),
          insertAudit(
            lane.send,
            own.map(({ row }) => row),
          ),
          lane.send("commit"),
        ]),
      );
      for (const { sure } of own) sure?.resolve();
    } catch (error) {
      await failed(tenant, own, error);
    }
  }

  async function failed(tenant: string, own: readonly Waiting[], error: unknown): Promise<void> {
    const passing = faultOf(error) instanceof Problem;
    // One that the database won't take must not keep the others out.
    if (!passing && own.length > 1) {
      for (const one of own) await put(tenant, [one]);
      return;
    }
    for (const { sure } of own) sure?.reject(error);
    const others = own.filter(({ sure }) => !sure);
    if (passing) waiting.unshift(...others);
    const lost = (passing ? [] : others).concat(waiting.splice(0, waiting.length - most));
    if (lost.length > 0) log.error({ err: error, entries: lost.length }, "audit entries not written");
  }

  return {
    /** Notes an entry; a promise where there are so many already that their writing must be waited for. */
    later(row: Row): Promise<void> | undefined {
      waiting.push({ row });
      return waiting.length > roomy ? flush() : undefined;
    },
    /** Resolves once the entry is committed. @throws whatever kept it from that */
    sure(row: Row): Promise<void> {
      return new Promise((resolve, reject) => {
        waiting.push({ row, sure: { resolve, reject } });
        void flush();
      });
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
    },
  };
}
export type Trail = ReturnType<typeof trail>;
