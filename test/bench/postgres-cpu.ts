import { readFileSync } from "node:fs";
import type { Stage } from "./stage.ts";
import type { Subject } from "./subject.ts";

/** The same server, whose CPU time is its own and Postgres' together: all that Postgres runs, what it does behind the calls included. */
export function withPostgres(subject: Subject, { owner }: Pick<Stage, "owner">): Subject {
  const used = new Map<number, number>();
  return {
    ...subject,
    async cpu() {
      const own = await subject.cpu();
      // What has ended since keeps what it was last seen with.
      for (const { pid } of await owner`select pid from pg_stat_activity`)
        used.set(pid, microseconds(pid) ?? used.get(pid) ?? 0);
      const its = [...used.values()].reduce((sum, one) => sum + one, 0);
      if (its === 0) throw new Error("Postgres does not run on this machine: what it uses can't be seen.");
      return own + its;
    },
  };
}

/** CPU time of a process so far; null where it has just ended. @see proc_pid_schedstat(5) */
function microseconds(pid: number): number | null {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1000;
  } catch {
    return null;
  }
}
