import type { Signal } from "@dais/contracts/signals";
import { asHolder } from "@dais/demo/calls";
import { loadDemo } from "@dais/demo/load";
import { rimal } from "@dais/demo/organisations";
import { keyOf } from "@dais/demo/personas";
import type { Kernel } from "@dais/kernel/dispatch";
import type { Connection } from "@dais/kernel/lane";
import type { Sessions } from "@dais/kernel/sessions";
import type { Logger } from "pino";
import type { Provable } from "./proof-sample.ts";
import { provable } from "./provable.ts";

/** Whose key the pages and the greeting use: one who may do what they show. */
const holder = "operations-officer";

/** What the pages show of the demo. The keys are fixed, so it is known before the demo is loaded. */
export const shown = { key: keyOf(holder), organisation: rimal.name.en, people: true as const };

export type ShownDemo = typeof shown & {
  keys: { persona: string; text: string }[];
  /** A new signal, for somebody to acknowledge. */
  signal: Pick<Signal, "id" | "version"> | null;
  /** An entry of the audit log, to prove. */
  proof: Provable | null;
};

type Serving = { kernel: Kernel; sessions: Sessions };

/**
 * Loads the demo where it isn't loaded yet, and looks up what the greeting shows of it. Null, with a line in the log, where
 * that fails: somebody who revoked a demo key must still be able to start. `seals`: whether this process seals the audit log.
 */
export async function loaded(
  connection: Connection,
  { kernel, sessions }: Serving,
  log: Logger,
  { seals }: { seals: boolean },
): Promise<ShownDemo | null> {
  try {
    const { keys } = await loadDemo({ connection, kernel, sessions, log });
    const { call } = asHolder(kernel, holder);
    const { items } = await call<{ items: Signal[] }>("signals.list", { state: ["new"], limit: 1 });
    return { ...shown, keys, signal: items[0] ?? null, proof: seals ? await provable(kernel) : null };
  } catch (error) {
    log.error({ err: error }, "serving without the demo");
    return null;
  }
}
