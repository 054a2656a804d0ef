import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { events } from "@dais/contracts";
import { Envelope, type EventRow, envelopeOf } from "@dais/contracts/kit/envelope";
import { eventsOf } from "@dais/contracts/kit/event";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { waitingStates } from "@dais/contracts/workflows/derived";
import { outbox } from "@dais/drizzle/schema/outbox";
import type { Ctx } from "@dais/kernel/context";
import { eventOf, movesOf, type Workflow } from "@dais/kernel/machine";
import { type Event, emit, tell } from "@dais/kernel/outbox";
import { eq } from "drizzle-orm";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { afterAll, describe, expect, inject, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

const packages = join(import.meta.dirname, "../packages");
const sources = globSync("*/**/*.ts", { cwd: packages, exclude: ["**/node_modules/**"] }).map(
  (file) => [file, readFileSync(join(packages, file), "utf8")] as const,
);

/** Each call of `emit`, with the names that it may tell. */
const emitted = sources.flatMap(([file, text]) =>
  [...text.matchAll(/(?<![.\w])emit\(\s*ctx\b/g)].map(({ index }) => {
    const told = text.slice(index).split("resource")[0] ?? "";
    return { file, names: [...told.matchAll(/"([a-z_]+\.[a-z_]+)"/g)].map(([, name]) => name as string) };
  }),
);

const machines = globSync("modules/*/machine.ts", { cwd: packages }).map((file) => join(packages, file, ".."));
const moved = (
  await Promise.all(
    machines.map(async (folder) => {
      const { workflow } = (await import(join(folder, "workflow.ts"))) as { workflow: Workflow<never, object> };
      return movesOf(workflow.machine).map((move) => ({
        name: eventOf(workflow.spec, move.event),
        idKind: workflow.idKind,
        move,
      }));
    }),
  )
).flat();

describe("the events of the contract", () => {
  test("nothing is told that isn't declared: every emit names events of the contract", () => {
    expect(emitted.length).toBeGreaterThan(0);
    for (const { file, names } of emitted) {
      expect(names, `${file}: an event whose name can't be read`).not.toEqual([]);
      for (const name of names) expect([...events.keys()], file).toContain(name);
    }
    for (const [file, text] of sources)
      expect(text, file).not.toMatch(/import \{[^}]*\btell\b[^}]*\} from "@dais\/kernel/);
  });

  test("every move of every machine is declared, with a payload that takes it", () => {
    expect(moved.length).toBeGreaterThan(0);
    for (const { name, idKind, move } of moved) {
      const { payload, example } = events.get(name) ?? expect.fail(`the move to ${name} is not declared`);
      // What a workflow tells beside that of itself stands in the example.
      const told = { ...example, id: idOf(idKind, crypto.randomUUID()), from: move.from, to: move.to };
      for (const reason of [null, "x".repeat(2000)])
        expect(payload.strict().safeParse({ ...told, reason }).error, name).toBeUndefined();
    }
  });

  test("every workflow that waits for somebody declares what the kernel tells of it when it has waited too long", () => {
    expect(waitingStates.length).toBeGreaterThan(0);
    for (const { workflow, state } of waitingStates) {
      const name = `${workflow.name}.overdue`;
      const { payload } = events.get(name) ?? expect.fail(`${name} is not declared`);
      const at = "2026-01-06T04:00:00.000Z";
      const told = { id: idOf(workflow.kind, crypto.randomUUID()), state, since: at, dueAt: at };
      expect(payload.strict().safeParse(told).error, name).toBeUndefined();
    }
  });

  test("nothing is declared that is never told", () => {
    const overdue = waitingStates.map(({ workflow }) => `${workflow.name}.overdue`);
    const told = new Set([...overdue, ...emitted.flatMap(({ names }) => names), ...moved.map(({ name }) => name)]);
    expect([...events.keys()].filter((name) => !told.has(name))).toEqual([]);
  });

  test("an event knows its capability, and a capability may have none", () => {
    expect(events.get("signal.ingested")).toMatchObject({ name: "signal.ingested", capability: "signals" });
    expect(eventsOf([{ name: "things" }]).size).toBe(0);
  });
});

describe("emit", () => {
  const uuid = "019b9f1c-2f40-7133-adf6-d0a0c195250f";
  const resource = { type: "signal", id: uuid };
  const payload = { id: idOf("sig", uuid), severity: "severe", category: "met" } as const;
  const writing = () => ({ written: { events: [] as Event[] } }) as unknown as Ctx;
  const told = (name: string, more: object = {}, about = resource) => {
    const ctx = writing();
    tell(ctx, { name, resource: about, payload: { ...payload, ...more } });
    return ctx.written.events;
  };

  test("notes the event with the version of the contract", () => {
    const ctx = writing();
    emit(ctx, { name: "signal.ingested", resource, payload });
    const version = events.get("signal.ingested")?.version;
    expect(ctx.written.events).toEqual([{ name: "signal.ingested", version, resource, payload }]);
  });

  test.each([
    ["an event that nobody declares", "signal.lost", {}, resource, "has no event signal.lost"],
    ["a value that doesn't fit", "signal.ingested", { severity: "bad" }, resource, "doesn't fit its schema"],
    ["a field that is missing", "signal.ingested", { category: undefined }, resource, "doesn't fit its schema"],
    ["a field that nobody declares", "signal.ingested", { body: "secret" }, resource, "doesn't fit its schema"],
    ["an id of another kind", "signal.ingested", { id: idOf("ent", uuid) }, resource, "doesn't fit its schema"],
    [
      "another thing than its payload's",
      "signal.ingested",
      {},
      { ...resource, id: crypto.randomUUID() },
      "another thing",
    ],
  ])("throws at %s, before anything is written", (_, name, more, about, says) => {
    expect(() => told(name, more, about)).toThrow(says);
  });

  test("takes what the contract declares, and types refuse the rest", () => {
    const ctx = writing();
    // @ts-expect-error: no such event
    expect(() => emit(ctx, { name: "signal.lost", resource, payload })).toThrow();
    // @ts-expect-error: the payload of another event
    expect(() => emit(ctx, { name: "signal.dismissed", resource, payload })).toThrow();
    expect(ctx.written.events).toEqual([]);
  });
});

describe("the envelope", () => {
  const row: EventRow = {
    id: "019b9f1c-2f40-7133-adf6-d0a0c195250f",
    name: "signal.acknowledged",
    eventVersion: 3,
    occurredAt: new Date("2026-01-06T05:30:00Z"),
    resourceVersion: 2,
    entityId: "01890a5d-ac96-774b-bcce-b302099a8057",
    classification: "secret",
    payload: { id: "sig_01kejc8ht0e6ssypg6m30swm9g", from: "new", to: "acknowledged", reason: null },
    actorKind: "agent",
    actorId: "key_01kejc8ht0e6ssypg6m30swm9d",
    onBehalfOf: "per_01kejc8ht0e6ssypg6m30swm9d",
    requestId: "r-1",
    traceparent: null,
  };
  const from = { url: "https://dais.example", tenant: "rimal" };

  test("says where, what, to what, when, by whom, and what exactly", () => {
    expect(envelopeOf(row, from)).toEqual({
      specversion: "1.0",
      id: "evt_01kefhrbt0e4stvxpgm30sa98f",
      source: "https://dais.example/tenants/rimal",
      type: "signal.acknowledged",
      subject: "sig_01kejc8ht0e6ssypg6m30swm9g",
      time: "2026-01-06T05:30:00.000Z",
      dataschema: "https://dais.example/schemas/signal.acknowledged/3",
      datacontenttype: "application/json",
      data: row.payload,
      tenant: "rimal",
      classification: "secret",
      entity: "ent_01h455vb4pex5vsknk084sn02q",
      resourceversion: 2,
      actor: "key_01kejc8ht0e6ssypg6m30swm9d",
      actorkind: "agent",
      onbehalfof: "per_01kejc8ht0e6ssypg6m30swm9d",
      requestid: "r-1",
      traceparent: null,
      eventversion: 3,
    });
  });

  test("has attributes as CloudEvents wants them: small letters and digits, at most 20, of its types", () => {
    for (const [name, value] of Object.entries(envelopeOf(row, from))) {
      expect(name).toMatch(/^[a-z][a-z0-9]{0,19}$/);
      if (name !== "data") expect(value === null || ["string", "number"].includes(typeof value), name).toBe(true);
      if (typeof value === "number") expect(Math.abs(value)).toBeLessThan(2 ** 31);
    }
  });

  test("is open to attributes that come later", () => {
    expect(Envelope.safeParse({ ...envelopeOf(row, from), more: "x" }).success).toBe(true);
  });
});

describe("what is written", () => {
  // Drizzle changes how the connection that it is given reads and writes, so it gets one of its own.
  const connection = postgres({ ...inject("postgres"), max: 1, onnotice: () => {} });
  afterAll(() => connection.end());
  const rowsOf = ({ tenantId }: Place) =>
    drizzle(connection).select().from(outbox).where(eq(outbox.tenantId, tenantId)).orderBy(outbox.seq);

  test("every event of a signal's life fits its schema and the envelope", async () => {
    const { url } = await startServer();
    const here = await place();
    const api = restClient(url, await here.key());
    const { id } = (await api.post("/signals", aSignal({ entityId: here.entities.company }))).body.signal;
    await api.post(
      `/signals/${id}/acknowledge`,
      { version: 1 },
      { traceparent: `00-${"a".repeat(32)}-${"b".repeat(16)}-01` },
    );
    await api.post(`/signals/${id}/dismiss`, { version: 2, reason: "A test of the sirens." });

    const rows = await rowsOf(here);
    expect(rows.map(({ name }) => name)).toEqual(["signal.ingested", "signal.acknowledged", "signal.dismissed"]);
    for (const row of rows) {
      const { payload, version } = events.get(row.name) ?? expect.fail(row.name);
      expect(payload.strict().parse(row.payload)).toEqual(row.payload);
      expect(row.eventVersion).toBe(version);
      const envelope = envelopeOf(row, { url, tenant: here.slug });
      expect(Envelope.parse(envelope)).toEqual(envelope);
      expect(uuidOf(envelope.subject)).toBe(row.resourceId);
      expect(envelope).toMatchObject({ tenant: here.slug, entity: here.entities.company, actorkind: "client" });
    }
    expect(rows.map(({ resourceVersion }) => resourceVersion)).toEqual([1, 2, 3]);
    expect(rows[1]?.traceparent).toContain("a".repeat(32));
  });

  test("a refused change tells nothing", async () => {
    const { url } = await startServer();
    const here = await place();
    const api = restClient(url, await here.key());
    const { id } = (await api.post("/signals", aSignal({}))).body.signal;
    expect((await api.post(`/signals/${id}/dismiss`, { version: 1, reason: "Too early." })).status).toBe(409);
    expect((await rowsOf(here)).map(({ name }) => name)).toEqual(["signal.ingested"]);
  });
});
