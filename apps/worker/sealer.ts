import { randomUUID } from "node:crypto";
import type { Log } from "@dais/kernel/context";
import type { Connection } from "@dais/kernel/lane";
import { type Sealing, sealing } from "@dais/kernel/proof/sealing";
import { signingKeys } from "@dais/kernel/proof/signing-keys";
import { type SealingKey, sealer as sealerOf } from "@dais/kernel/seal";
import type { Perform } from "@dais/kernel/task";
import { keepKey } from "@dais/modules/audit";

export type SealerOptions = {
  kernel: { perform: Perform };
  connection: Connection;
  /** Seal the private halves of the keys that sign. Another process that seals has the same. */
  sealKeys: readonly SealingKey[];
  publicUrl: string;
  now(): Date;
  log: Log;
  lostAfterMs?: number;
};

/** Seals the audit log as long as it runs. Any number of processes may do it. */
export function sealer({ kernel, sealKeys, publicUrl, ...options }: SealerOptions): Sealing {
  return sealing({
    ...options,
    keys: signingKeys(sealerOf(sealKeys)),
    host: new URL(publicUrl).host,
    keep: (tenantId, key, reason, former) =>
      kernel.perform(keepKey, { tenantId, requestId: `sealing-${randomUUID()}` }, { key, reason, former }),
  });
}
