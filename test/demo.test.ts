import { operations, permissions } from "@dais/contracts";
import type { Action } from "@dais/contracts/actions";
import type { Approval } from "@dais/contracts/approvals";
import type { Briefing, BriefingSummary } from "@dais/contracts/briefings";
import type { Person } from "@dais/contracts/person";
import type { PostureChange } from "@dais/contracts/posture";
import { builtInRoles, permissionsOf } from "@dais/contracts/roles/builtIn";
import type { Signal } from "@dais/contracts/signals";
import { asHolder } from "@dais/demo/calls";
import { directory } from "@dais/demo/directory";
import { DEMO_EPOCH, demoId } from "@dais/demo/fixed";
import { loadDemo } from "@dais/demo/load";
import { falak, rimal, settings } from "@dais/demo/organisations";
import { keyOf, personas } from "@dais/demo/personas";
import { complete } from "@dais/demo/reports";
import { readKeyText } from "@dais/kernel/keys";
import postgres from "postgres";
import { afterEach, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { dropDatabase, testDatabase } from "./support/database.ts";
import { afterFile } from "./support/ending.ts";
import { startServer } from "./support/server.ts";

const said: object[] = [];
const log = { debug() {}, info: (fields: object) => void said.push(fields), warn() {}, error() {} };

describe("the demo's people", () => {
  it("are seven, with permissions, clearances and entities that exist", () => {
    expect(personas).toHaveLength(7);
    const levels = settings.classifications.map(({ key }) => key);
    for (const { permissions: theirs, clearance, entity, roles } of personas) {
      expect(theirs.filter((each) => !(each in permissions))).toEqual([]);
      expect(builtInRoles.map(({ key }) => key)).toEqual(expect.arrayContaining([...roles]));
      expect(levels).toContain(clearance);
      expect(rimal.entities.map(({ key }) => key)).toContain(entity);
    }
  });

  it("have keys that are the same everywhere, each another", () => {
    const texts = [...rimal.keys, ...falak.keys].map(({ key }) => keyOf(key));
    expect(new Set(texts).size).toBe(10);
    expect(texts.map((text) => readKeyText(text)?.slug)).toEqual([...Array(9).fill("rimal"), "falak"]);
    expect(keyOf("operations-officer")).toBe("dais_rimal_UGmdr8wfpyYOSft7uG8oZh8G8uKZOK7GqTjDgtXQ6K3373djJ");
  });

  it("start their day on a Tuesday at eight", () => {
    const format = new Intl.DateTimeFormat("en-GB", {
      weekday: "long",
      hour: "2-digit",
      timeZone: rimal.timeZone,
    });
    expect(format.format(DEMO_EPOCH)).toBe("Tuesday, 08");
  });
});

type Readers = { items: { personId: string; readAt: string | null }[] };

describe("loading the demo", async () => {
  const connection = await testDatabase(inject("postgres"), inject("template"));
  const sql = postgres({ ...connection, max: 1, onnotice: () => {} });
  afterFile(async () => {
    await sql.end();
    await dropDatabase(connection);
  });
  const { kernel, sessions } = await startServer({ connection, redis: null });
  const load = () => loadDemo({ connection, kernel, sessions, log });
  const as = (holder: string) => asHolder(kernel, holder).call;
  const refused = (holder: string, operation: string, input: object) =>
    as(holder)(operation, input).then(
      () => "allowed",
      (error: Error) => error.message.split(" answered ")[1],
    );
  /** Presses the button as somebody who is signed in, and has just proven a second factor; the code of the refusal. */
  async function confirmed(key: string, said: object): Promise<string | null> {
    const { person, oid } = personas.find((one) => one.key === key) ?? expect.fail(key);
    const openedAt = Date.now();
    const session = {
      ...{
        id: demoId("ses", person),
        tenantId: rimal.id,
        personId: demoId("per", person),
        openedAt,
        provenAt: openedAt,
      },
      ...{
        endsAt: openedAt + 3_600_000,
        address: "127.0.0.1",
        userAgent: null,
        issuer: "test",
        issuerSid: null,
        subject: oid,
      },
    };
    const credential = { scheme: "session" as const, text: await sessions.open(session, null) };
    const call = {
      operation: "posture.confirm",
      readInput: () => said,
      credential,
      foreign: null,
      idempotencyKey: null,
    };
    const answer = await kernel.dispatch({ ...call, requestId: "test", traceparent: null, address: "127.0.0.1" });
    return answer.problem?.code ?? null;
  }
  const state = async () => {
    const tables = ["organisations", "entities", "api_keys", "posture", "people", "person_roles", "groups"].concat([
      ...["group_members", "directories", "directory_rules", "signals", "signal_alerts", "audit", "outbox"],
    ]);
    const counts = tables.map(async (table) => [table, (await sql`select 1 from ${sql(table)}`).length]);
    const states = await sql`select state, count(*)::int from signals group by 1 order by 1`;
    return {
      rows: Object.fromEntries(await Promise.all(counts)),
      states: Object.fromEntries(states.map((row) => [row.state, row.count])),
    };
  };
  /** Takes away the signal by which a load is known to be complete. */
  const forget = async () => {
    await sql`delete from signal_reports where source = ${complete.source}`;
    await sql`delete from signals where source = ${complete.source}`;
  };
  let once: Awaited<ReturnType<typeof state>>;
  let both: Awaited<ReturnType<typeof load>>[];

  beforeAll(async () => {
    both = await Promise.all([load(), load()]);
    once = await state();
  });
  afterEach(() => vi.unstubAllEnvs());

  it("is done once by two at once", () => {
    expect(both.map(({ loaded }) => loaded).toSorted()).toEqual([false, true]);
    expect(both[0]?.organisation).toBe("Rimal Holding");
    expect(both[0]?.keys.map(({ persona }) => persona)).toHaveLength(10);
    expect(once.rows).toMatchObject({ organisations: 2, entities: 5, api_keys: 10, posture: 6, signals: 163 });
    expect(once.rows).toMatchObject({ people: 8, groups: 3, group_members: 10, directories: 3 });
    expect(once.states).toEqual({ new: 150, acknowledged: 6, dismissed: 5, escalated: 2 });
  });

  it("says in the log which alert was not complete", () => {
    const codes = said.flatMap((entry) => {
      const { file, findings = [] } = entry as { file?: string; findings?: { code: string }[] };
      return findings.map(({ code }) => `${file} ${code}`);
    });
    expect(codes).toEqual(
      expect.arrayContaining(["canada_errors.cap references_missing", "canada_errors.cap alert_differs"]),
    );
  });

  it("has the real alerts, which came through the door for them: with their sources, languages and places", async () => {
    const titled = async (text: string) => {
      const { items } = (await as("auditor")("signals.list", { text })) as { items: Signal[] };
      return items;
    };
    expect(await titled('"Neiafu, Tonga"')).toMatchObject([
      {
        ...{ source: "earthquake.usgs.gov", severity: "unknown", category: "geo", classification: "public" },
        ...{ occurredAt: "2010-08-31T05:09:25.000Z", place: { circles: [{ lat: -16.053, lon: -173.274 }] } },
      },
    ]);
    const { items } = (await as("auditor")("signals.list", { source: "ec.gc.ca" })) as { items: Signal[] };
    expect(items).toMatchObject([{ language: "en-CA", translations: [{ language: "fr-CA" }] }]);
    const [alerts] = await sql`select count(*)::int as n, count(distinct signal_id)::int as signals from signal_alerts`;
    expect(alerts).toEqual({ n: 167, signals: 157 });
  });

  it("leaves an audit entry and an event for every signal and every move", async () => {
    const [untold] = await sql`select count(*)::int as n from signals s where
      (select count(*) from audit a where a.resource_id = s.id and a.changed) <> s.version
      or (select count(*) from outbox o where o.resource_id = s.id) <> s.version`;
    expect(untold?.n).toBe(0);
  });

  it("changes nothing the second time", async () => {
    expect((await load()).loaded).toBe(false);
    expect(await state()).toEqual(once);
  });

  it("takes up a load that was interrupted, and changes nothing that is there", async () => {
    await forget();
    expect((await load()).loaded).toBe(true);
    const { rows, states } = await state();
    expect(states).toEqual(once.states);
    const { audit, outbox, ...others } = rows;
    expect(once.rows).toMatchObject(others);
    expect(outbox).toBe(once.rows.outbox + 1);
  });

  it("gives a key what it has gained since, and not back what was revoked", async () => {
    await forget();
    await sql`update api_keys set permissions = '{signal.read}', revoked_at = now() where name = 'Duty agent'`;
    await load();
    const [agent] = await sql`select permissions, version, revoked_at from api_keys where name = 'Duty agent'`;
    expect(agent).toMatchObject({
      permissions: expect.arrayContaining(["posture.read"]),
      version: 2,
      revoked_at: expect.any(Date),
    });
    await sql`update api_keys set revoked_at = null where name = 'Duty agent'`;
  });

  it("is refused in production", async () => {
    vi.stubEnv("NODE_ENV", "production");
    await expect(load()).rejects.toThrow("not for production");
  });

  it("shows each organisation its own, and each person what is within their clearance", async () => {
    const seen = async (holder: string) => {
      const { items } = (await as(holder)("signals.list", { since: "2026-01-01T00:00:00Z" })) as {
        items: { id: string; title: string }[];
      };
      return items;
    };
    expect((await seen("falak")).map(({ title }) => title)).toEqual([
      "The demo data is complete",
      "Close approach of two satellites",
      "Ground station 1 on reserve power",
    ]);
    expect(await seen("finance-controller")).toHaveLength(1);
    expect(await seen("operations-officer")).toHaveLength(2);
    const everything = await seen("chief-executive");
    expect(everything).toHaveLength(3);
    expect(await refused("falak", "signals.get", { id: everything[0]?.id })).toBe("signal_not_found.");
  });

  it("lets everybody do what fits the role, and no more", async () => {
    const { items } = (await as("auditor")("signals.list", { state: ["new"], limit: 1 })) as {
      items: { id: string; version: number }[];
    };
    const { id, version } = items[0] as { id: string; version: number };
    expect(await refused("chief-executive", "signals.acknowledge", { id, version })).toBe("forbidden.");
    expect(await as("agent")("signals.acknowledge", { id, version })).toMatchObject({ state: "open", output: null });
    expect(await refused("operations-officer", "apiKeys.list", {})).toBe("forbidden.");
    expect(await refused("auditor", "apiKeys.list", {})).toBe("allowed");
    expect(await refused("chief-of-staff", "signals.acknowledge", { id, version })).toBe("allowed");
  });

  it("has people who may do by signing in what their keys may do, and whom the directory lets in", async () => {
    for (const { key, person, oid, clearance, phone, permissions: theirs } of personas) {
      // Nothing of it is new: it is refused where the number couldn't be somebody's.
      const said = { id: demoId("per", person), version: 1, phone };
      const shown = (await as("administrator")("people.update", said)) as Person;
      expect(shown.version).toBe(1);
      expect(shown.clearance).toBe(clearance);
      expect([...new Set(shown.roles.flatMap(({ role }) => permissionsOf(role)))].sort(), key).toEqual(
        [...theirs].sort(),
      );
      const entrances = (await sql`select slug from tenants_of(${directory.tid}, ${oid})`).map(({ slug }) => slug);
      expect(entrances).toEqual(key === "auditor" ? ["falak", "rimal"] : ["rimal"]);
    }
  });

  it("has everybody in groups in groups once", async () => {
    const { items } = (await as("auditor")("groups.people", { id: demoId("grp", "9c") })) as { items: object[] };
    expect(items).toHaveLength(7);
  });

  it("has what the contract's examples show, under the same ids", async () => {
    const shown = (path: string) => operations.get(path)?.meta.examples[0]?.output as Record<string, unknown>;
    for (const path of [
      "organisations.current",
      "entities.get",
      "apiKeys.get",
      "posture.current",
      "people.get",
      "groups.get",
    ]) {
      const { id, key, slug, permissions: theirs, entityId } = shown(path);
      const input = operations.get(path)?.meta.examples[0]?.input ?? {};
      expect(await as("administrator")(path, input)).toMatchObject(
        JSON.parse(JSON.stringify({ id, key, slug, permissions: theirs, entityId })),
      );
    }
  });

  it("has two approvals before its people, asked once: a payment in order, and a choice by two of three", async () => {
    const found = async () => ((await as("chief-executive")("approvals.list", {})) as { items: Approval[] }).items;
    const [choice, payment] = await found();
    expect(payment).toMatchObject({
      ...{ state: "pending", amount: { amount: "1250000.00", currency: "AED" }, inOrder: true, needed: 2 },
      steps: [
        { approver: demoId("per", "p2"), open: true },
        { approver: demoId("per", "p1"), open: false },
      ],
    });
    expect(choice).toMatchObject({ state: "pending", needed: 2, steps: { length: 3 }, options: { length: 3 } });
    // One of them has chosen; the next one who chooses the same decides.
    expect(choice?.steps.map(({ option }) => option)).toEqual([null, null, "oryx"]);
    await forget();
    await load();
    expect(await found()).toHaveLength(2);
  });

  it("has things to do, of the alerts, of the posture, of the briefing and by themselves, in each state that a morning knows", async () => {
    const { items } = (await as("chief-of-staff")("actions.list", { limit: 100 })) as { items: Action[] };
    expect(items).toHaveLength(13);
    expect(new Set(items.map(({ state }) => state))).toEqual(
      new Set(["open", "in_progress", "blocked", "done", "cancelled"]),
    );
    expect(new Set(items.map(({ source }) => source?.type ?? null))).toEqual(
      new Set(["signal", "posture", "briefing", null]),
    );
    expect(new Set(items.map(({ ownerId }) => ownerId)).size).toBeGreaterThan(3);
    const secret = items.filter(({ classification }) => classification === "secret").length;
    expect(((await as("operations-officer")("actions.list", {})) as { items: Action[] }).items).toHaveLength(
      13 - secret,
    );
  });

  it("has a briefing of its agent's that was approved and distributed, and one that waits for approval", async () => {
    const { items } = (await as("chief-of-staff")("briefings.list", {})) as { items: BriefingSummary[] };
    expect(items.map(({ state }) => state).sort()).toEqual(["distributed", "pending_approval"]);
    for (const { createdBy } of items) expect(createdBy).toMatch(/^agt_/);
    const sent = items.find(({ state }) => state === "distributed") ?? expect.fail("none was distributed");
    expect(sent).toMatchObject({ approvedBy: demoId("per", "p2"), recipients: 4 });
    const { briefing } = (await as("auditor")("briefings.today", {})) as { briefing: Briefing };
    expect(briefing.id).toBe(sent.id);
    expect(briefing.sources.length).toBeGreaterThan(3);
    const { items: readers } = (await as("chief-of-staff")("briefings.recipients", { id: sent.id })) as Readers;
    expect(readers.filter(({ readAt }) => readAt).map(({ personId }) => personId)).toHaveLength(2);
    expect(await as("auditor")("organisations.current", {})).toMatchObject({
      settings: { briefing: { hour: "06:30" } },
    });
  });

  it("has a posture that its agent proposed once, because of real alerts, and that its people may confirm", async () => {
    const { items } = (await as("chief-of-staff")("posture.changes", {})) as { items: PostureChange[] };
    expect(items).toMatchObject([
      {
        state: "proposed",
        fromLevel: "elevated",
        level: "high",
        proposedBy: demoId("agt", "9a"),
        signalIds: { length: 12 },
      },
    ]);
    for (const id of items[0]?.signalIds ?? []) {
      const signal = (await as("agent")("signals.get", { id })) as { severity: string; source: string };
      expect(["extreme", "severe"]).toContain(signal.severity);
      expect(signal.source).not.toMatch(/^rimal/);
    }
    const may = personas.filter(({ permissions: theirs }) => theirs.includes("posture.confirm")).map(({ key }) => key);
    expect(may).toEqual(["chief-executive", "chief-of-staff", "security-officer"]);
    const said = { id: items[0]?.id, version: 1, reason: "The stations say the same." };
    expect(await confirmed("operations-officer", said)).toBe("forbidden");
    expect(await confirmed("chief-of-staff", said)).toBeNull();
    expect(await as("agent")("posture.current", {})).toMatchObject({ id: items[0]?.id, level: "high" });
    await forget();
    await load();
    expect(((await as("chief-of-staff")("posture.changes", {})) as { items: object[] }).items).toHaveLength(1);
  });

  it("gives its people telephones that nobody has, kept for fiction, to which dispatches are made all the same", async () => {
    const phones = personas.map(({ phone }) => phone);
    expect(new Set(phones).size).toBe(personas.length);
    expect(phones.filter((phone) => !/^\+120255501\d\d$/.test(phone))).toEqual([]);
    const { items } = (await as("operations-officer")("messageTemplates.list", {})) as { items: { id: string }[] };
    const texts = { day: "today", title: "The day" };
    const addressees = phones.map((phone) => ({ name: "Somebody", language: "en", phone }));
    const dispatch = {
      ...{ templateId: items[0]?.id, values: { en: texts, ar: texts }, classification: "public" },
      ...{ audience: { addressees }, policy: { steps: [{ channel: "sms", until: "sent", waitMinutes: 5 }] } },
    };
    expect(await refused("operations-officer", "dispatches.estimate", dispatch)).toBe("allowed");
  });
});
