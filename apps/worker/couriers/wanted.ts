import type { Still } from "@dais/kernel/couriers/port";
import type { Steady } from "@dais/kernel/relay/steady";
import { calledOff } from "@dais/modules/dispatches/sending";

/** Those who ask within so long are asked about together. */
const togetherMs = 15;
/** What was seen so lately is taken to be so still. */
const freshMs = 1000;

export type Wanted = (recipientId: string) => Promise<boolean>;

/**
 * Whether messages are wanted still: not where their dispatch was stopped, or who they are for has acknowledged. It is read from the database for each
 * message, many in one question, so that nothing is handed over on an older word than a few milliseconds.
 */
export function wanting(line: Steady): Wanted {
  let asked: { ids: Set<string>; off: Promise<Set<string>> } | null = null;
  return async (recipientId) => {
    if (!asked) {
      const ids = new Set<string>();
      const off = new Promise((resolve) => setTimeout(resolve, togetherMs)).then(() => {
        asked = null;
        return line.use((lane) => calledOff(lane, [...ids]));
      });
      asked = { ids, off };
    }
    asked.ids.add(recipientId);
    return !(await asked.off).has(recipientId);
  };
}

/** The same of one message, whose courier may take its time before it sends: it is read once more only where the last look is a while ago. */
export function watching(wanted: Wanted, now: () => Date, recipientId: string): () => Promise<boolean> {
  let seenAt: number | null = null;
  return async () => {
    const at = now().getTime();
    if (seenAt !== null && Math.abs(at - seenAt) < freshMs) return true;
    const is = await wanted(recipientId);
    if (is) seenAt = at;
    return is;
  };
}

/** For a courier, which asks before it sends. `why`: what was in the way, where the answer was no. */
export function lastWord(look: () => Promise<boolean>, signal: AbortSignal): { still: Still; why(): string } {
  let why = "called_off";
  const still = async () => {
    try {
      return await inTime(look(), signal);
    } catch {
      why = "unavailable";
      return false;
    }
  };
  return { still, why: () => why };
}

/** @throws where the time is over before it is known, or what `work` throws */
function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const over = () => reject(signal.reason);
  if (signal.aborted) over();
  else signal.addEventListener("abort", over, { once: true });
  return Promise.race([work, promise]);
}
