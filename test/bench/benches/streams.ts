import { randomBytes } from "node:crypto";
import { sha256 } from "@dais/kernel/canonical";
import { newKeyText } from "@dais/kernel/keys";
import type { Bench, Row } from "../bench.ts";
import { quantile } from "../compare.ts";
import { type Delivered, delivered } from "../delivered.ts";
import { once } from "../load.ts";
import { type Reader, read } from "../readers.ts";
import type { Stage } from "../stage.ts";
import { written } from "../wire.ts";

const many = 2000;
const storm = 5000;
const bar = 300;
const rounds = 20;

const faces = {
  REST: "/v1/events/stream",
  tRPC: "/trpc/events.stream?input=%7B%7D",
};

export const streams: Bench = {
  name: "streams",
  title: "Streams",
  about: `${many} open streams of as many callers in one organisation, on one process as it is delivered, with its usual settings. Resident is the whole process, after a collection of garbage. An event's way is from its command's answer to the last of the ${many} readers, who share the machine.`,
  async run(stage) {
    const place = await stage();
    const keys = await manyKeys(place);
    const rows: Row[] = [];
    for (const [face, path] of Object.entries(faces)) rows.push(...(await idle(place, keys, face, path)));
    rows.push(await rush(place, keys));
    return rows;
  },
};

/** A key for each caller, all of the first organisation. */
async function manyKeys({ owner, tenants: [first] }: Stage): Promise<string[]> {
  const { id, slug } = first as Stage["tenants"][0];
  const texts = Array.from({ length: many }, () => newKeyText(slug, randomBytes));
  const hashes = texts.map(sha256);
  await owner`insert into api_keys (id, tenant_id, hash, name, kind, permissions, clearance, created_by, created_at)
    select gen_random_uuid(), ${id}, hash, 'bench', 'client', '{signal.read,entity.read}', 'confidential', 'bench', ${new Date()}
    from unnest(${hashes}::text[]) hash`;
  return texts;
}

async function idle(place: Stage, keys: readonly string[], face: string, path: string): Promise<Row[]> {
  const dais = await delivered(place);
  const before = dais.resident();
  const readers: Reader[] = [];
  // As they come over a while: a rush is measured by itself.
  for (let at = 0; at < keys.length; at += 50) {
    const some = keys.slice(at, at + 50).map((key) => read(dais.port, path, key));
    const statuses = await Promise.all(some.map(({ answered }) => answered));
    if (statuses.some((status) => status !== 200)) throw new Error(`A stream was answered ${statuses.join(", ")}.`);
    readers.push(...some);
  }
  await new Promise((resolve) => setTimeout(resolve, 5000));
  const start = dais.cpu();
  await new Promise((resolve) => setTimeout(resolve, 20_000));
  const cpu = (dais.cpu() - start) / 20;
  const dirty = dais.resident();
  await dais.collect();
  const resident = dais.resident();
  const ways = await fanOut(place, dais, readers);
  const after = dais.resident();
  for (const reader of readers) reader.close();
  await dais.stop();
  const mb = (bytes: number) => `${Math.round(bytes / 1e6)} MB`;
  return [
    {
      figure: `${face}: resident with ${many} idle streams`,
      measured: `${mb(resident)}; ${mb(before)} without a stream, ${mb(dirty)} with garbage, ${mb(after)} after ${rounds} events to each`,
      bar: { text: `≤ ${bar} MB`, met: resident / 1e6 <= bar },
    },
    { figure: `${face}: CPU of them, while nothing happens`, measured: `${(cpu * 100).toFixed(1)} % of a core` },
    {
      figure: `${face}: an event's way to all ${many}`,
      measured: `median ${Math.round(quantile(ways, 0.5))} ms, slowest ${Math.round(Math.max(...ways))} ms`,
    },
  ];
}

async function fanOut(place: Stage, dais: Delivered, readers: readonly Reader[]): Promise<number[]> {
  const headers = { authorization: `Bearer ${place.tenants[0]?.key}` };
  const ways: number[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const all = Promise.all(readers.map((reader) => reader.untilTold(round)));
    const body = JSON.stringify({
      key: `s${randomBytes(6).toString("hex")}`,
      name: { en: "Bench", ar: null },
      kind: "company",
    });
    const next = () => written({ method: "POST", path: "/v1/entities", headers, body });
    await once({
      subject: { ...dais, cpu: async () => 0, memory: async () => ({ heap: 0, resident: 0 }) },
      next,
      status: 201,
    });
    const start = performance.now();
    await all;
    ways.push(performance.now() - start);
  }
  return ways.sort((a, b) => a - b);
}

/** All at once: each is served or told to come later, and nobody is left without an answer. */
async function rush(place: Stage, keys: readonly string[]): Promise<Row> {
  const dais = await delivered(place);
  const start = performance.now();
  const readers = Array.from({ length: storm }, (_, n) => read(dais.port, faces.REST, keys[n % many] as string));
  const statuses = await Promise.all(readers.map(({ answered }) => answered));
  const seconds = (performance.now() - start) / 1000;
  const of = (status: number) => statuses.filter((one) => one === status).length;
  const clean = readers.filter((reader, n) => statuses[n] === 503 && reader.later()).length;
  for (const reader of readers) reader.close();
  await dais.stop();
  return {
    figure: `${storm} connects at once`,
    measured: `${of(200)} streams, ${of(503)} times 503, all answered after ${seconds.toFixed(1)} s`,
    bar: { text: "all answered, 503 with Retry-After", met: of(200) + clean === storm },
  };
}
