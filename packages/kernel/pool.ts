import { type Connection, type Lane, lane } from "./lane.ts";

/** A fixed number of lanes. Who must wait is served in turn by tenant, so that one tenant's rush can't starve another. */
export type Pool = {
  /** Runs `work` with a lane that nobody else has meanwhile. */
  hold<T>(tenant: string, work: (lane: Lane) => Promise<T>): Promise<T>;
  /** Free and all lanes, and how many calls wait for one. */
  state(): { free: number; size: number; waiting: number };
  close(): Promise<void>;
};

/** @param role What every lane acts as, whoever it connects as. */
export function pool(connection: Connection, options: { size: number; role: string }): Pool {
  const open = () => lane(connection, options.role);
  const lanes = new Set(Array.from({ length: options.size }, open));
  const free = [...lanes];
  const waiting = new Map<string, ((lane: Lane) => void)[]>();

  function take(tenant: string): Lane | Promise<Lane> {
    const idle = free.pop();
    if (idle) return idle;
    return new Promise((resolve) => {
      const queue = waiting.get(tenant);
      if (queue) queue.push(resolve);
      else waiting.set(tenant, [resolve]);
    });
  }

  /** The lane, or another in the place of one whose connection was lost. */
  function sound(taken: Lane): Lane {
    if (!taken.lost()) return taken;
    const another = open();
    lanes.delete(taken);
    lanes.add(another);
    return another;
  }

  function give(lane: Lane): void {
    const next = waiting.entries().next().value;
    if (!next) {
      free.push(lane);
      return;
    }
    const [tenant, queue] = next;
    waiting.delete(tenant);
    const resolve = queue.shift() as (lane: Lane) => void;
    if (queue.length > 0) waiting.set(tenant, queue); // to the end of the line
    resolve(lane);
  }

  return {
    async hold(tenant, work) {
      const lane = sound(await take(tenant));
      try {
        return await work(lane);
      } finally {
        give(lane);
      }
    },
    state: () => ({
      free: free.length,
      size: lanes.size,
      waiting: [...waiting.values()].reduce((sum, queue) => sum + queue.length, 0),
    }),
    close: async () => void (await Promise.all([...lanes].map((lane) => lane.close()))),
  };
}
