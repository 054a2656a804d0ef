import type { Steady } from "@dais/kernel/relay/steady";
import { calledOff } from "@dais/modules/dispatches/sending";

/** Those who ask within so long are asked about together. */
const togetherMs = 15;

/**
 * Whether messages are wanted still: not where their dispatch was stopped, or who they are for has acknowledged. It is read from the database for each
 * message, many in one question, so that nothing is handed over on an older word than a few milliseconds.
 */
export function wanting(line: Steady): (recipientId: string) => Promise<boolean> {
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
