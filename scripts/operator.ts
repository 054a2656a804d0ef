import { randomBytes, randomUUID } from "node:crypto";
import { userInfo } from "node:os";
import { operations, permissions } from "@dais/contracts";
import { type Kernel, kernel } from "@dais/kernel/dispatch";
import type { Connection } from "@dais/kernel/lane";
import { type Pool, pool } from "@dais/kernel/pool";
import { memoryStore } from "@dais/kernel/store";
import type { On } from "@dais/kernel/task";
import { modules } from "@dais/modules";

/** Who works at the machine's console: what they do is done as a call is, with its audit entries and events, but with every permission. */
export type Operator = { kernel: Kernel; lanes: Pool; in(tenantId: string): On };

/** Works as the operator on a database, with no server around. */
export async function asOperator<T>(connection: Connection, work: (operator: Operator) => Promise<T>): Promise<T> {
  const sources = { now: () => new Date(), random: randomBytes };
  const rate = { limit: 1, windowSeconds: 60 };
  const store = memoryStore({ read: rate, write: rate, heavy: rate, auth: rate }, { ...sources, idleMs: 1 });
  const lanes = pool(connection, { size: 1, role: "dais_app" });
  const system = pool(connection, { size: 1, role: "dais_system" });
  const core = kernel({
    ...{ operations, modules, app: lanes, system, sources, log: console, cursorKey: new Uint8Array(), strict: true },
    ...{ gate: store.gate, sessions: store.sessions, most: { process: 1, tenant: 1 } },
  });
  const as = { id: `operator:${userInfo().username}`, permissions: new Set(Object.keys(permissions)) };
  try {
    return await work({
      kernel: core,
      lanes,
      in: (tenantId) => ({ tenantId, requestId: `console-${randomUUID()}`, as }),
    });
  } finally {
    await core.close();
    await Promise.all([lanes.close(), system.close(), store.close()]);
  }
}

/** The id of the organisation with a slug. @throws Error where there is none */
export async function organisationNamed(lanes: Pool, slug: string): Promise<string> {
  const [row] = await lanes.hold("", (lane) => lane.send("select tenant_of($1) as id", [slug]));
  if (!row?.id) throw new Error(`No such organisation: ${slug}.`);
  return row.id as string;
}
