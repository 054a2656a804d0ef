import { hkdfSync } from "node:crypto";
import { idOf } from "@dais/contracts/kit/ids";
import type { Log } from "@dais/kernel/context";
import { type Lane, lane } from "@dais/kernel/lane";
import { sealBatch } from "@dais/kernel/proof/batch";
import type { Sealing } from "@dais/kernel/proof/sealing";
import { signingKeys } from "@dais/kernel/proof/signing-keys";
import { sealer as sealerOf } from "@dais/kernel/seal";
import { type SealerOptions, sealer } from "@dais/worker/sealer";
import postgres from "postgres";
import { inject, vi } from "vitest";
import { dropDatabase, testDatabase } from "./database.ts";
import { afterFile } from "./ending.ts";
import { asOwner, settled } from "./owner.ts";
import { type Place, type PlaceOptions, place } from "./place.ts";
import { startServer } from "./server.ts";

export const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
/** A key that seals, of its own for each name. */
export const sealKey = (id: string) => ({ id, key: new Uint8Array(hkdfSync("sha256", id, "", "test", 32)) });

/** A database of the test file's own, since a sealer takes all that waits; and a server on it. Dropped after the file. */
export async function sealingHome() {
  const database = await testDatabase(inject("postgres"), inject("template"));
  const owner = postgres({ ...database, max: 4, onnotice: () => {} });
  const connection = { ...inject("login"), database: database.database };
  const server = await startServer({ connection });
  const sealings: Sealing[] = [];
  const rest = () => Promise.all(sealings.splice(0).map((one) => one.stop()));
  afterFile(async () => {
    await rest();
    await server.stop();
    await owner.end();
    await dropDatabase(database);
  });
  const [size, note] = [
    async (at: Place): Promise<number> =>
      Number((await owner`select signed_size from audit_trees where tenant_id = ${at.tenantId}`)[0]?.signed_size ?? 0),
    async (at: Place): Promise<string> =>
      (await owner`select note from audit_checkpoints where tenant_id = ${at.tenantId} order by size desc limit 1`)[0]
        ?.note,
  ];
  return {
    owner,
    connection,
    server,
    place: (options: PlaceOptions = {}): Promise<Place> => place({ owner, ...options }),
    /** Seals as a process does, until `rest`. */
    seal(more: Partial<SealerOptions> = {}): Sealing {
      const { kernel } = server;
      const its = { kernel, connection, publicUrl: "http://dais.test", now: () => new Date(), log: silent };
      const started = sealer({ ...its, sealKeys: [sealKey("one")], ...more });
      sealings.push(started);
      return started;
    },
    rest,
    /** A connection as a sealer has it. */
    systemLane: () => lane(connection, "dais_system"),
    size,
    note,
    leaves: (at: Place) =>
      owner`select l.index, l.seq, l.data, a.xid::text, a.id from audit_leaves l join audit a on a.tenant_id = l.tenant_id and a.seq = l.seq
        where l.tenant_id = ${at.tenantId} order by l.index`,
    entries: async (at: Place): Promise<number> =>
      Number((await owner`select count(*) from audit where tenant_id = ${at.tenantId}`)[0]?.count),
    keys: (at: Place) => owner`select * from audit_keys where tenant_id = ${at.tenantId} order by from_at, key_id`,
  };
}
export type SealingHome = Awaited<ReturnType<typeof sealingHome>>;

let seq = 0;
/** The columns of an audit entry as another part of the program may have written it. */
export function anEntry(at: Place, more: Record<string, unknown> = {}): Record<string, unknown> {
  seq += 1;
  return {
    id: crypto.randomUUID(),
    tenant_id: at.tenantId,
    at: new Date(),
    outcome: "done",
    actor_kind: "client",
    actor_id: "key_test",
    persons: [],
    operation: "test.write",
    action: "test.write",
    resource_type: "test",
    changed: true,
    request_id: `entry-${seq}`,
    salt: "a".repeat(64),
    content_salt: "b".repeat(64),
    ...more,
  };
}

/** Writes entries, all in one transaction. */
export const writeEntries = async (
  sql: postgres.ISql,
  at: Place,
  count: number,
  more: Record<string, unknown> = {},
): Promise<void> => {
  for (let done = 0; done < count; done += 500) {
    const rows = Array.from({ length: Math.min(500, count - done) }, () => anEntry(at, more));
    await sql`insert into audit ${sql(rows)}`;
  }
};

/** On the run's own database, where no sealer works: seals what an organisation has, once. Answers with the latest entry's id. */
export async function sealedNow(at: Place, { now = new Date() }: { now?: Date } = {}): Promise<string> {
  const line = lane(inject("login"), "dais_system");
  try {
    await sealOnce(line, at, now);
  } finally {
    await line.close();
  }
  const [row] = await asOwner()`select id from audit where tenant_id = ${at.tenantId} order by seq desc limit 1`;
  return idOf("aud", row?.id);
}

async function sealOnce(line: Lane, at: Place, now: Date): Promise<void> {
  const sql = asOwner();
  const [origin, keys] = [`dais.test/audit/${at.slug}`, signingKeys(sealerOf([sealKey("one")]))];
  await sql`insert into audit_trees (tenant_id, origin) values (${at.tenantId}, ${origin}) on conflict do nothing`;
  const made = keys.make(at.tenantId, origin);
  await sql`insert into audit_keys (id, tenant_id, key_id, name, public_key, sealed_private, from_at)
    values (${crypto.randomUUID()}, ${at.tenantId}, ${made.keyId}, ${origin}, ${Buffer.from(made.publicKey, "hex")}, ${made.sealed}, ${now})
    on conflict do nothing`;
  // Another test's open transaction may hold the log up for a moment. All at once then: which checkpoints there are must not be chance.
  await settled();
  await vi.waitFor(
    async () => {
      await sealBatch(line, { tenantId: at.tenantId, most: 1000, last: true, keys, now });
      const [left] = await sql`select count(*)::int as n from audit a where a.tenant_id = ${at.tenantId}
        and not exists (select from audit_leaves l where l.tenant_id = a.tenant_id and l.seq = a.seq)`;
      if (left?.n !== 0) throw new Error("not everything is sealed yet");
    },
    { timeout: 30_000, interval: 20 },
  );
}
