import { join } from "node:path";
import { type Holder, holder, tryLock } from "./lock.mjs";

/** What an instance tells others on the machine about itself. */
export interface Instance {
  pid: number;
  /** When it started, ISO 8601. */
  since: string;
  /** Where it answers; absent while it is still starting. */
  url?: string;
}

export interface Claim {
  claimed: true;
  /** Tells the others where this instance answers, once that is known. */
  tell(url: string): void;
  /** Gives the folder free. Not needed for correctness: the claim of a dead process counts for nothing. */
  release(): void;
}

/**
 * Claims a data folder for this process, or says who has it: one running instance per folder.
 *
 * The claim of a process that died is taken over, also when its number belongs to another process by now.
 */
export function claim(dir: string, url?: string): Claim | { claimed: false; by: Instance } {
  const attempt = tryLock<Told>(lockIn(dir), { since: new Date().toISOString(), url });
  if (!attempt.held) return { claimed: false, by: describe(attempt.by) };
  return { claimed: true, tell: (url) => attempt.update({ url }), release: () => attempt.release() };
}

/** The instance that has the folder, if one runs. */
export function running(dir: string): Instance | undefined {
  const found = holder<Told>(lockIn(dir));
  return found && describe(found);
}

interface Told {
  since: string;
  url?: string;
}

function describe({ pid, since, url }: Holder & Told): Instance {
  return { pid, since, url };
}

function lockIn(dir: string): string {
  return join(dir, "instance.json");
}
