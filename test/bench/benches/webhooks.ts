import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { join } from "node:path";
import { idOf } from "@dais/contracts/kit/ids";
import { sealer } from "@dais/kernel/seal";
import { newSecret, sealedFor } from "@dais/kernel/webhooks/sign";
import type { Bench, Row } from "../bench.ts";
import { quantile } from "../compare.ts";
import { type Stage, setStage } from "../stage.ts";

const each = 100;
const rate = 50;
const seconds = 30;
/** Of ten webhooks, the first hangs, the second fails, and the others take it. */
const kindOf = (n: number) => ({ 0: "hangs", 1: "fails" })[n % 10] ?? "takes";
const sealKey = new Uint8Array(32);

export const webhooks: Bench = {
  name: "webhooks",
  title: "Webhooks",
  about: `1 000 webhooks of ten organisations, of which 100 hang and 100 answer 500; ${rate} events a second, each for one of them in turn, from the first moment on, when nobody knows yet which are which. From the event, as its row says, to its arrival at a receiver that is well. One worker; Postgres, receivers and worker share the machine.`,
  async run() {
    const place = await setStage({ rows: 10 });
    const there = await receivers();
    await register(place, there.port);
    const worker = await workerOf(place);
    const expected = await happen(place);
    await settled(there.arrived);
    await worker.stop();
    there.stop();
    await place.stop();
    const times = there.arrived.get("takes") ?? [];
    const [p50, p99] = [
      quantile(
        times.sort((a, b) => a - b),
        0.5,
      ),
      quantile(times, 0.99),
    ];
    const rows: Row[] = [
      {
        figure: `Event to receiver, those that are well, at ${rate}/s for ${seconds} s`,
        measured: `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms, longest ${times.at(-1)?.toFixed(0)} ms`,
        bar: { text: "p99 < 2 000 ms", met: p99 < 2000 },
      },
      {
        figure: "Taken by those that are well",
        measured: `${times.length} of ${expected}`,
        bar: { text: "all", met: times.length === expected },
      },
      {
        figure: "Asked of those that hang, and of those that fail",
        measured: ["hangs", "fails"].map((kind) => there.arrived.get(kind)?.length ?? 0).join(", "),
      },
    ];
    return rows;
  },
};

/** Answers as each address says, and notes how old what comes is, in milliseconds. */
async function receivers() {
  const arrived = new Map<string, number[]>();
  const sockets = new Set<Socket>();
  const answers: Record<string, (response: ServerResponse) => unknown> = {
    hangs: () => {},
    fails: (response) => response.writeHead(500).end(),
    takes: (response) => response.writeHead(204).end(),
  };
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part) => (body += part));
    request.on("end", () => {
      const kind = (request.url as string).split("/")[1] as string;
      const age = Date.now() - Date.parse(JSON.parse(body).time);
      arrived.set(kind, [...(arrived.get(kind) ?? []), age]);
      answers[kind]?.(response);
    });
  });
  server.on("connection", (socket) => void sockets.add(socket.on("error", () => {})));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return { port: (server.address() as AddressInfo).port, arrived, stop };
}

/** Webhooks as `webhooks.create` makes them, each with an entity of its own. */
async function register({ owner, tenants }: Stage, port: number): Promise<void> {
  const { seal } = sealer([{ id: "bench", key: sealKey }]);
  for (const { id: tenantId } of tenants) {
    const [key] = await owner`select id from api_keys where tenant_id = ${tenantId}`;
    const ids = Array.from({ length: each }, () => crypto.randomUUID());
    const now = new Date();
    await owner`insert into entities ${owner(
      ids.map((id) => ({
        id,
        tenant_id: tenantId,
        key: id,
        name_en: "Bench",
        kind: "company",
        created_at: now,
        updated_at: now,
      })),
    )}`;
    const rows = ids.map((id, n) => ({
      ...{ id, tenant_id: tenantId, name: "Bench", url: `http://localhost:${port}/${kindOf(n)}/${id}`, entity_id: id },
      ...{ classification: "confidential", owner_id: idOf("key", key?.id), secret: seal(newSecret(), sealedFor(id)) },
      ...{ state: "active", created_at: now, updated_at: now },
    }));
    await owner.begin(async (tx) => {
      await tx`set local session_replication_role = replica`; // without the audit entry that each would need
      await tx`insert into webhooks ${tx(rows)}`;
    });
  }
}

async function workerOf({ postgres, redis }: Stage) {
  const sealKeys = `bench:${Buffer.from(sealKey).toString("base64")}`;
  const file = join(import.meta.dirname, "../sender.ts");
  const child: ChildProcess = fork(file, [JSON.stringify({ postgres, redis, sealKeys })], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  await once(child, "message");
  return {
    async stop() {
      child.disconnect();
      await once(child, "exit");
    },
  };
}

/** Something concerns one entity after the other, so many times a second. @returns how many of them have a webhook that is well */
async function happen({ owner }: Stage): Promise<number> {
  const all = await owner`select tenant_id, id, url from webhooks order by substr(url, 20), id`;
  const hooks = Array.from({ length: rate * seconds }, (_, n) => all[(n * 37) % all.length]);
  const start = performance.now();
  for (const [n, hook] of hooks.entries()) {
    const wait = start + (n * 1000) / rate - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    const now = new Date();
    void owner`with told as (insert into outbox (id, tenant_id, name, event_version, occurred_at, resource_type, resource_id, entity_id, classification,
        payload, actor_kind, actor_id, request_id)
      values (${crypto.randomUUID()}, ${hook?.tenant_id}, 'signal.ingested', 1, ${now}, 'signal', ${crypto.randomUUID()}, ${hook?.id}, 'internal',
        ${owner.json({ id: "sig_01kejc8ht0e6ssypg6m30swm9g", severity: "severe", category: "met" })}, 'client', 'key_bench', 'bench') returning 1)
      select pg_notify('dais_outbox', 'bench') from told`.execute();
  }
  return hooks.filter((hook) => hook?.url.includes("/takes/")).length;
}

/** Until nothing has come to those that are well for a while. */
async function settled(arrived: ReadonlyMap<string, readonly number[]>): Promise<void> {
  for (let before = -1, now = 0; now > before; now = arrived.get("takes")?.length ?? 0) {
    before = now;
    await new Promise((resolve) => setTimeout(resolve, 3000));
    now = arrived.get("takes")?.length ?? 0;
    if (now === before) return;
  }
}
