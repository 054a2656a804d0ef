import { setTimeout as sleep } from "node:timers/promises";
import type { AuditEntry, Checkpoint, SigningKey } from "@dais/contracts/audit";
import { asHolder } from "@dais/demo/calls";
import { keyOf } from "@dais/demo/personas";
import type { Kernel } from "@dais/kernel/dispatch";
import type { Provable } from "./proof-sample.ts";

const auditor = "auditor";
/** The sealer is at it within a second, on a busy machine some; a start waits no longer than this for what it only shows. */
const patienceMs = 15_000;

/** An entry of the demo that can be proven by now: somebody acknowledged a signal. Null where none is sealed, as where no worker runs. */
export async function provable(kernel: Kernel): Promise<Provable | null> {
  const { call } = asHolder(kernel, auditor);
  const asked = { operation: "signals.acknowledge", outcome: "done", limit: 100 };
  for (const end = performance.now() + patienceMs; performance.now() < end; await sleep(100)) {
    try {
      const { keyId } = await call<Checkpoint>("audit.checkpoint", {});
      const { items } = await call<{ items: AuditEntry[] }>("audit.search", asked);
      const oldest = items.at(-1);
      if (!oldest) return null;
      await call("audit.proof", { id: oldest.id });
      const keys = await call<{ items: SigningKey[] }>("audit.keys", {});
      const vkey = keys.items.find((one) => one.keyId === keyId)?.vkey;
      return vkey ? { key: keyOf(auditor), entryId: oldest.id, vkey } : null;
    } catch {
      // Not sealed yet, or the auditor's key was revoked: the next look, or the end of patience, will tell.
    }
  }
  return null;
}
