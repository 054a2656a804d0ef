import { quantile } from "./compare.ts";
import { type Line, line } from "./wire.ts";

export type Outcome = {
  /** Requests with this status; 0 for those whose connection broke. */
  statuses: Map<number, number>;
  /** Milliseconds of those answered with 200, from the moment at which they were due: each, in order, and what half and 99 of 100 take. */
  times: readonly number[];
  p50: number;
  p99: number;
  seconds: number;
  /** How late the sender itself was at worst, in milliseconds. */
  late: number;
};

/** To each server. Where all are taken, a request waits for one; its time counts all the same. */
const mostLines = 1000;
/** Shorter than Node keeps an idle connection, so that none is used while it is being closed. */
const keepMs = 3000;

/**
 * Sends at a fixed rate, whatever the servers do, and counts each request's time from when it was due: a server that stalls can't
 * slow down who measures it. To several ports in turn.
 */
export async function atRate(
  ports: readonly number[],
  next: () => string,
  rate: number,
  seconds: number,
): Promise<Outcome> {
  const channels = ports.map(channel);
  const statuses = new Map<number, number>();
  const times: number[] = [];
  const pending: Promise<void>[] = [];
  let late = 0;

  async function one(n: number, due: number): Promise<void> {
    const reply = await channels[n % channels.length]?.send(next()).catch(() => null);
    const status = reply?.status ?? 0;
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    if (status === 200) times.push(performance.now() - due);
  }

  const start = performance.now();
  const dueAt = (n: number) => start + (n * 1000) / rate;
  for (let sent = 0; sent < rate * seconds; ) {
    const now = performance.now();
    for (; dueAt(sent) <= now && sent < rate * seconds; sent++) {
      late = Math.max(late, now - dueAt(sent));
      pending.push(one(sent, dueAt(sent)));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(pending);
  const took = (performance.now() - start) / 1000;
  for (const each of channels) each.close();
  times.sort((a, b) => a - b);
  const at = (q: number) => (times.length > 0 ? quantile(times, q) : Number.NaN);
  return { statuses, times, p50: at(0.5), p99: at(0.99), seconds: took, late };
}

/** As many connections to a server as it takes, up to a number; who finds none free waits in line. */
function channel(port: number) {
  const all = new Set<Line>();
  const idle: { mine: Line; since: number }[] = [];
  const waiting: ((line: Line) => void)[] = [];

  function take(): Line | Promise<Line> {
    for (let one = idle.pop(); one; one = idle.pop()) {
      if (one.mine.open() && performance.now() - one.since < keepMs) return one.mine;
      one.mine.close();
      all.delete(one.mine);
    }
    if (all.size >= mostLines) return new Promise((resolve) => waiting.push(resolve));
    return opened();
  }
  function opened(): Line {
    const made = line(port);
    all.add(made);
    return made;
  }
  function give(mine: Line): void {
    if (!mine.open()) all.delete(mine);
    const waits = waiting.shift();
    if (waits) waits(mine.open() ? mine : opened());
    else if (mine.open()) idle.push({ mine, since: performance.now() });
  }

  return {
    async send(bytes: string) {
      const mine = await take();
      try {
        return await mine.send(bytes);
      } finally {
        give(mine);
      }
    },
    close() {
      for (const each of all) each.close();
    },
  };
}
