import { operations, permissions } from "@dais/contracts";
import type { Person } from "@dais/contracts/person";
import { builtInRoles, permissionsOf } from "@dais/contracts/roles";
import { SignalInput } from "@dais/contracts/signals";
import { files, read, readAlerts } from "@dais/demo/alerts";
import { asHolder } from "@dais/demo/calls";
import { directory } from "@dais/demo/directory";
import { DEMO_EPOCH, demoId } from "@dais/demo/fixed";
import { loadDemo } from "@dais/demo/load";
import { falak, rimal, settings } from "@dais/demo/organisations";
import { keyOf, personas } from "@dais/demo/personas";
import { complete } from "@dais/demo/reports";
import { readKeyText } from "@dais/kernel/keys";
import postgres from "postgres";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { dropDatabase, testDatabase } from "./support/database.ts";
import { startServer } from "./support/server.ts";

const said: object[] = [];
const log = { debug() {}, info: (fields: object) => void said.push(fields), warn() {}, error() {} };

describe("the demo's alerts", () => {
  const readings = new Map(files.map((file) => [file, readAlerts(file)]));
  const all = [...readings.values()].flatMap(({ signals }) => signals);

  it("are signals as the contract wants them, all of them", () => {
    expect(all.flatMap((each) => SignalInput.safeParse(each).error?.issues ?? [])).toEqual([]);
    const counts = [...readings].map(([file, { signals }]) => [file, signals.length]);
    expect(Object.fromEntries(counts)).toEqual({
      "nws-atom-feed.xml": 163,
      "australia.cap": 2,
      "canada.cap": 2,
      "canada_errors.cap": 1,
      "earthquake.cap": 1,
      "weather.cap": 1,
    });
  });

  it("have a source and an external id of their own, but for the one that comes again", () => {
    const ids = all.map(({ source, externalId }) => `${source} ${externalId}`);
    expect(new Set(ids).size).toBe(169);
    expect(ids.filter((id, n) => ids.indexOf(id) !== n)).toEqual(["ec.gc.ca 2.49.0.1.124.6bddbc91.2012"]);
  });

  it("keep what was said, with times in UTC", () => {
    const [quake] = readings.get("earthquake.cap")?.signals ?? [];
    expect(quake).toMatchObject({
      source: "earthquake.usgs.gov",
      externalId: "USGS-earthquakes-us2010apcd.6.20100831T000925.496Z",
      title: "EQ 6.3 Neiafu, Tonga - PRELIMINARY REPORT",
      severity: "unknown",
      category: "geo",
      confidence: 0.75,
      language: "en-US",
      occurredAt: "2010-08-31T05:09:25.000Z",
      expiresAt: "2010-09-02T05:09:25.000Z",
    });
    expect(readings.get("canada.cap")?.signals.map(({ language }) => language)).toEqual(["en-CA", "fr-CA"]);
    expect(readings.get("australia.cap")?.signals[0]?.body).toContain("LOCATION: 12 Cox Street, Yerong Creek<br />");
    expect(readings.get("nws-atom-feed.xml")?.signals[0]).toMatchObject({
      source: "noaa.gov",
      severity: "severe",
      area: "Eastern Beaufort Sea Coast",
      reportedAt: "2018-08-15T22:52:00.000Z",
    });
  });

  it("say what they lack", () => {
    const lacking = [...readings.values()].flatMap(({ file, lacks }) => lacks.map((each) => [file, each.fields]));
    expect(lacking).toEqual([["canada_errors.cap", ["references", "headline", "description"]]]);
  });

  it("may not bring entities of their own", () => {
    expect(() => read('<!DOCTYPE a [<!ENTITY b "c">]><alert/>')).toThrow("DOCTYPE");
  });
});

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

describe("loading the demo", async () => {
  const connection = await testDatabase(inject("postgres"));
  const sql = postgres({ ...connection, max: 1, onnotice: () => {} });
  afterAll(async () => {
    await sql.end();
    await dropDatabase(connection);
  });
  const { kernel } = await startServer({ connection, redis: null });
  const load = () => loadDemo({ connection, kernel, log });
  const as = (holder: string) => asHolder(kernel, holder).call;
  const refused = (holder: string, operation: string, input: object) =>
    as(holder)(operation, input).then(
      () => "allowed",
      (error: Error) => error.message.split(" answered ")[1],
    );
  const state = async () => {
    const tables = ["organisations", "entities", "api_keys", "posture", "people", "person_roles", "groups"].concat([
      ...["group_members", "directories", "directory_rules", "signals", "audit", "outbox"],
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
    expect(once.rows).toMatchObject({ organisations: 2, entities: 5, api_keys: 10, posture: 6, signals: 171 });
    expect(once.rows).toMatchObject({ people: 8, groups: 3, group_members: 10, directories: 3 });
    expect(once.states).toEqual({ new: 158, acknowledged: 6, dismissed: 5, escalated: 2 });
  });

  it("says in the log which alert was not complete", () => {
    expect(said).toContainEqual(expect.objectContaining({ file: "canada_errors.cap" }));
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
});
