import { distanceMetres } from "@dais/cap/geometry";
import { idOf } from "@dais/contracts/kit/ids";
import { categories, type searchFilters, severities, signalStates } from "@dais/contracts/signals";
import type { Place as Where } from "@dais/contracts/signals/place";
import { statementOf } from "@dais/modules/signals/search/statement";
import fc from "fast-check";
import postgres from "postgres";
import { beforeAll, describe, expect, inject, test } from "vitest";
import type { z } from "zod";
import { asOwner } from "./support/owner.ts";
import { levels, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { nowhere, placed, plain, putSignals, type Row, shapesOf } from "./support/signal-rows.ts";

type Filters = z.infer<z.ZodObject<typeof searchFilters>>;
type Sort = "-occurredAt" | "occurredAt" | "-updatedAt";

let url: string;
beforeAll(async () => {
  url = (await startServer()).url;
});

/** An organisation with some signals and a way to list them. */
async function home(rows: readonly Row[] = [], clearance = "secret") {
  const here = await place();
  await putSignals(here.tenantId, rows);
  return { here, api: restClient(url, await here.key({ clearance })) };
}
const queryOf = (input: object) =>
  new URLSearchParams(
    Object.entries(input).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, String(one)]),
    ),
  );
const list = async (api: RestClient, input: object) => (await api.get(`/signals?${queryOf(input)}`)).body;
const titles = async (api: RestClient, input: object) =>
  (await list(api, { ...input, limit: 100 })).items.map(({ title }: { title: string }) => title).sort();

let made = 0;
const row = (fields: Partial<Row>): Row => ({
  ...plain,
  id: crypto.randomUUID(),
  title: `Signal ${made++}`,
  ...fields,
});
const titled = (all: Record<string, Partial<Row>>) =>
  Object.entries(all).map(([title, fields]) => row({ title, ...fields }));

/* A plain search in JavaScript. */

const vocabulary = ["flood", "river", "quake", "smoke", "outage", "bridge", "فيضان", "حريق", "سد", "طريق"];
const numbers = (text: string) => text.split(",").map(Number) as [number, number, number, number];
const meets = (one: Row, [west, south, east, north]: [number, number, number, number]) => {
  const to = east < west ? east + 360 : east;
  const turned = [-360, 0, 360].some((by) => Number(one.west) <= to + by && Number(one.east) >= west + by);
  return one.west !== null && turned && Number(one.south) <= north && Number(one.north) >= south;
};
const isNear = (one: Row, [lat, lon, km]: readonly number[]) => {
  const from = { kind: "point", point: { latitude: lat as number, longitude: lon as number } } as const;
  return shapesOf(one.place as Where).some((shape) => distanceMetres(from, shape) <= (km as number) * 1000);
};
/** `a b`, `a or b`, `a -b`, `"a b"` */
function says(one: Row, text: string): boolean {
  const words = one.body.split(" ");
  const phrase = /^"(\S+) (\S+)"$/.exec(text);
  if (phrase) return words.some((word, n) => word === phrase[1] && words[n + 1] === phrase[2]);
  const [a = "", ...others] = text.split(" ");
  if (others[0] === "or") return words.includes(a) || words.includes(others[1] as string);
  const [b] = others;
  if (b?.startsWith("-")) return words.includes(a) && !words.includes(b.slice(1));
  return words.includes(a) && (b === undefined || words.includes(b));
}

function fits(one: Row, f: Filters, visible: readonly string[]): boolean {
  const among = (value: string | null, wanted?: readonly string[]) => !wanted || wanted.includes(value ?? "");
  const is = (value: string | null, wanted?: string) => wanted === undefined || value === wanted;
  return (
    visible.includes(one.classification) &&
    (f.state ? among(one.state, f.state) : one.state !== "merged") &&
    among(one.severity, f.severity) &&
    among(one.category, f.category) &&
    among(one.classification, f.classification) &&
    among(one.review, f.review) &&
    is(one.source, f.source) &&
    is(one.label, f.label) &&
    is(one.entity_id && idOf("ent", one.entity_id), f.entityId) &&
    is(one.group_id && idOf("sgr", one.group_id), f.groupId) &&
    is(one.assignee_id && idOf("per", one.assignee_id), f.assigneeId) &&
    (f.since === undefined || one.occurred_at >= f.since) &&
    (f.until === undefined || one.occurred_at < f.until) &&
    (f.changedSince === undefined || one.updated_at >= f.changedSince) &&
    (f.geocode === undefined || one.geocodes.includes(f.geocode)) &&
    (f.text === undefined || says(one, f.text)) &&
    (f.box === undefined || meets(one, numbers(f.box))) &&
    (f.near === undefined || (one.west !== null && isNear(one, numbers(f.near))))
  );
}

const positionOf = (one: Row, sort: Sort) => (sort === "-updatedAt" ? one.updated_at : one.occurred_at) + one.id;
function inOrder(rows: readonly Row[], sort: Sort): Row[] {
  const up = sort === "occurredAt" ? 1 : -1;
  return [...rows].sort((a, b) => (positionOf(a, sort) < positionOf(b, sort) ? -up : up));
}

/* Signals of all kinds: enough that no way of looking for them is left out. The rarest words are in the oldest only. */

const many = 7500;
const [entities, groups, people] = [2, 3, 3].map((n) => Array.from({ length: n }, () => crypto.randomUUID())) as [
  string[],
  string[],
  string[],
];
const start = Date.UTC(2026, 0, 1);
const moment = (minutes: number) => new Date(start + minutes * 60_000).toISOString();

function generated(): Row[] {
  let seed = 20260106;
  const random = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  const one = <T>(of: readonly T[]): T => of[Math.floor(random() * of.length)] as T;
  const maybe = <T>(chance: number, value: () => T): T | null => (random() < chance ? value() : null);
  const point = () => ({
    lat: Math.round((random() * 170 - 85) * 1e4) / 1e4,
    lon: Math.round((random() * 360 - 180) * 1e4) / 1e4,
  });
  function somewhere() {
    const { lat, lon } = point();
    const kind = random();
    if (kind < 0.3) return nowhere;
    if (kind < 0.7) return placed({ points: [{ lat, lon }] });
    if (kind < 0.8) return placed({ circles: [{ lat, lon, radiusKm: Math.round(random() * 300) + 1 }] });
    const wrap = (degrees: number) => ((degrees + 540) % 360) - 180;
    const [dy, dx] = [random() * 4, random() * 8];
    const ring = [
      { lat, lon },
      { lat: lat + dy, lon: wrap(lon + dx / 3) },
      { lat: lat + dy / 2, lon: wrap(lon + dx) },
      { lat, lon },
    ];
    return placed({ polygons: [ring] });
  }
  return Array.from({ length: many }, (_, n) => {
    // Each word is half as common as the one before; the last two are in the oldest alone.
    const words = vocabulary.filter((_, k) => (k < 8 ? random() < 0.7 ** (k + 1) : n < 40 && random() < 0.5));
    return row({
      body: words.sort(() => random() - 0.5).join(" "),
      severity: one(severities),
      category: random() < 0.9 ? "met" : one(categories),
      classification: one(levels),
      state: one(signalStates),
      source: one(["nws", "usgs"]),
      entity_id: maybe(0.5, () => one(entities)),
      group_id: maybe(0.01, () => one(groups)),
      assignee_id: maybe(0.05, () => one(people)),
      label: maybe(0.2, () => one(["flood", "fire"])),
      review: maybe(0.05, () => one(["low_confidence", "disagreement"])),
      geocodes: random() < 0.1 ? [one(["UGC=TXC453", "UGC=it's", "SAME=\\048"])] : [],
      occurred_at: moment(Math.floor(n / 3)),
      updated_at: moment(many + Math.floor(random() * 1000)),
      ...somewhere(),
    });
  });
}

const word = fc.constantFrom(...vocabulary);
const wanted: fc.Arbitrary<Filters> = fc.record(
  {
    text: fc.oneof(
      word,
      fc.tuple(word, word).map((both) => both.join(" ")),
      fc.tuple(word, word).map((both) => both.join(" or ")),
      fc.tuple(word, word).map((both) => both.join(" -")),
      fc.tuple(word, word).map((both) => `"${both.join(" ")}"`),
    ),
    box: fc
      .tuple(
        fc.integer({ min: -180, max: 180 }),
        fc.integer({ min: -80, max: 80 }),
        fc.constantFrom(1, 5, 40, 150),
        fc.constantFrom(1, 10, 60),
      )
      .map(([west, south, wide, high]) =>
        [west, south, west + wide > 180 ? west + wide - 360 : west + wide, Math.min(90, south + high)].join(),
      ),
    near: fc
      .tuple(
        fc.integer({ min: -90, max: 90 }),
        fc.integer({ min: -180, max: 180 }),
        fc.constantFrom(0, 50, 400, 3000, 20_000),
      )
      .map((three) => three.join()),
    state: fc.uniqueArray(fc.constantFrom(...signalStates), { minLength: 1 }),
    severity: fc.uniqueArray(fc.constantFrom(...severities), { minLength: 1 }),
    category: fc.uniqueArray(fc.constantFrom(...categories), { minLength: 1, maxLength: 5 }),
    classification: fc.uniqueArray(fc.constantFrom(...levels), { minLength: 1 }),
    source: fc.constantFrom("nws", "usgs", "none"),
    entityId: fc.nat(1).map((n) => idOf("ent", entities[n] as string)),
    groupId: fc.nat(2).map((n) => idOf("sgr", groups[n] as string)),
    assigneeId: fc.nat(2).map((n) => idOf("per", people[n] as string)),
    label: fc.constantFrom("flood", "fire", "none"),
    review: fc.uniqueArray(fc.constantFrom("low_confidence" as const, "disagreement" as const), { minLength: 1 }),
    geocode: fc.constantFrom("UGC=TXC453", "UGC=it's", "SAME=\\048", "UGC=TXC"),
    since: fc.nat(many / 3).map(moment),
    until: fc.nat(many / 3).map(moment),
    changedSince: fc.nat(1000).map((n) => moment(many + n)),
  },
  { requiredKeys: [] },
);
/** A few filters at a time: of all at once nothing is left. */
const few = fc
  .tuple(
    wanted,
    fc.shuffledSubarray(
      [
        "text",
        "box",
        "near",
        "severity",
        "state",
        "label",
        "geocode",
        "since",
        "until",
        "changedSince",
        "groupId",
        "assigneeId",
        "review",
        "source",
        "entityId",
        "category",
        "classification",
      ] as const,
      { minLength: 1, maxLength: 3 },
    ),
  )
  .map(
    ([all, names]) =>
      Object.fromEntries(
        Object.entries(all).filter(([name]) => (names as readonly string[]).includes(name)),
      ) as Filters,
  );

describe("signals.list", () => {
  let rows: Row[];
  let api: RestClient;
  let low: RestClient;
  beforeAll(async () => {
    rows = generated();
    const { here, api: all } = await home(rows);
    api = all;
    low = restClient(url, await here.key({ clearance: "internal" }));
    // Somebody else's, which nobody finds.
    await home(rows.slice(0, 600).map((one) => ({ ...one, id: crypto.randomUUID() })));
  });

  test("200: whatever is asked for, it finds what a search in JavaScript finds, in the same order, page by page", {
    timeout: 300_000,
  }, async () => {
    const sorts = fc.constantFrom<Sort>("-occurredAt", "occurredAt", "-updatedAt");
    let hits = 0;
    const asked = fc.tuple(few, sorts, fc.integer({ min: 1, max: 100 }), fc.boolean());
    await fc.assert(
      fc.asyncProperty(asked, async ([filters, sort, limit, cleared]) => {
        const visible = cleared ? levels : levels.slice(0, 2);
        const right = inOrder(
          rows.filter((one) => fits(one, filters, visible)),
          sort,
        ).map(({ id }) => idOf("sig", id));
        const input = { ...filters, sort, limit };
        const first = await list(cleared ? api : low, input);
        expect(first.items.map(({ id }: { id: string }) => id)).toEqual(right.slice(0, limit));
        expect(first.nextCursor === null).toBe(right.length <= limit);
        hits += first.items.length;
        if (!first.nextCursor) return;
        const second = await list(cleared ? api : low, { ...input, cursor: first.nextCursor });
        expect(second.items.map(({ id }: { id: string }) => id)).toEqual(right.slice(limit, 2 * limit));
      }),
      { numRuns: 400, seed: 20260106 },
    );
    expect(hits).toBeGreaterThan(1000);
  });

  test.each([
    ["the newest few have enough", { text: "flood" }, 25],
    ["a walk finds them", { text: "outage", severity: ["severe"] }, 25],
    ["an index of words is asked", { text: "سد" }, 25],
    ["words that are common, in a place that is not", { text: "flood", box: "10,10,11,40" }, 25],
    ["words that are rare, in most of the world", { text: "طريق", box: "-170,-80,170,80" }, 25],
    ["both rare", { text: "سد", box: "-60,-60,0,60" }, 25],
    ["a few levels of one category", { category: ["cbrne"], severity: ["extreme"] }, 100],
  ] as const)("200: %s", async (_, filters, limit) => {
    const right = inOrder(
      rows.filter((one) => fits(one, filters as never, levels)),
      "-occurredAt",
    );
    expect(right.length).toBeGreaterThan(0);
    const { items } = await list(api, { ...filters, limit });
    expect(items.map(({ id }: { id: string }) => id)).toEqual(right.slice(0, limit).map(({ id }) => idOf("sig", id)));
  });

  test("400 invalid_cursor: a cursor of another search", async () => {
    const { nextCursor } = await list(api, { text: "flood", limit: 1 });
    for (const input of [{ text: "river" }, { text: "flood", sort: "occurredAt" }, {}])
      expect(await list(api, { ...input, limit: 1, cursor: nextCursor })).toMatchObject({ code: "invalid_cursor" });
  });

  test.each([
    "box=1,2,3",
    "box=1,2,3,4,5",
    "box=181,0,182,1",
    "box=0,-91,1,0",
    "box=0,10,1,9",
    "box=a,b,c,d",
    "box=0,0,1,1e1",
    "box=NaN,0,1,1",
    "near=0,0",
    "near=91,0,1",
    "near=0,181,1",
    "near=0,0,20001",
    "near=0,0,-1",
    "near=0,0,Infinity",
    "geocode=TXC453",
    "assigneeId=nobody",
    "assigneeId=sig_01kejc8ht0e6ssypg6m30swm9g",
    "groupId=me",
    "label=Two words",
    "review=often",
    "text=",
    "text=%20",
    `text=${"a".repeat(201)}`,
    "text=a%0Ab",
    "until=now",
    "classification=Top%20Secret",
    "sort=updatedAt",
  ])("400 invalid_input: ?%s", async (query) => {
    expect(await api.get(`/signals?${query}`)).toMatchObject({ status: 400, body: { code: "invalid_input" } });
  });

  test("200: `me` is who calls, and nobody for who is no person", async () => {
    const here = await place();
    const person = await here.person();
    const [mine, theirs] = [row({ assignee_id: person.uuid }), row({})];
    await putSignals(here.tenantId, [mine, theirs]);
    const session = restClient(url, await person.session());
    expect(await titles(session, { assigneeId: "me" })).toEqual([mine.title]);
    expect(await titles(restClient(url, await here.key()), { assigneeId: "me" })).toEqual([]);
  });
});

describe("finding in all of time", () => {
  test("200: from year 1 to 9999, in any order", async () => {
    const ends = ["0001-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z"];
    const rows = Array.from({ length: 800 }, (_, n) =>
      row({ body: n % 60 === 1 ? "flood" : n % 3 ? "river" : "", occurred_at: ends[n % 2], updated_at: ends[n % 2] }),
    );
    const { api } = await home(rows);
    const right = rows.filter(({ body }) => body === "flood").map(({ id }) => idOf("sig", id));
    for (const sort of ["-occurredAt", "occurredAt", "-updatedAt"]) {
      const { items } = await list(api, { text: "flood", sort, limit: 100 });
      expect(items.map(({ id }: { id: string }) => id).sort()).toEqual(right.sort());
      expect((await list(api, { text: "flood", severity: "minor", sort, limit: 14 })).items).toHaveLength(14);
    }
  });
});

describe("finding places", () => {
  const point = (lat: number, lon: number) => placed({ points: [{ lat, lon }] });
  const ring = (...corners: [number, number][]) =>
    placed({ polygons: [[...corners, corners[0] as [number, number]].map(([lat, lon]) => ({ lat, lon }))] });

  test("200: boxes and radii across the date line", async () => {
    const { api } = await home(
      titled({
        fiji: point(-17, 178),
        samoa: point(-14, -172),
        line: point(0, 180),
        "same line": point(0, -180),
        across: ring([-10, 179], [-10, -179], [-5, -179], [-5, 179]),
        dubai: point(25, 55),
        nowhere,
      }),
    );
    const pacific = ["across", "fiji", "line", "same line", "samoa"];
    expect(await titles(api, { box: "170,-30,-170,10" })).toEqual(pacific);
    expect(await titles(api, { box: "175,-30,180,10" })).toEqual(["across", "fiji", "line", "same line"]);
    expect(await titles(api, { box: "-180,-30,-171,10" })).toEqual(["across", "line", "same line", "samoa"]);
    expect(await titles(api, { box: "-180,-90,180,90" })).toEqual([...pacific, "dubai"].sort());
    expect(await titles(api, { box: "55,25,55,25" })).toEqual(["dubai"]);
    expect(await titles(api, { near: "0,-179.5,60" })).toEqual(["line", "same line"]);
    expect(await titles(api, { near: "-7,180,10" })).toEqual(["across"]);
    expect(await titles(api, { near: "-7,-178,300" })).toEqual(["across"]);
    expect(await titles(api, { near: "0,0,20000" })).toEqual(["across", "dubai", "fiji", "samoa"]);
  });

  test("200: a radius is measured exactly: not to the box around a place", async () => {
    const hook = ring([0, 0], [0, 4], [4, 4], [4, 3.9], [0.1, 3.9], [0.1, 0]);
    const { api } = await home(
      titled({
        hook,
        inside: ring([1, 1], [1, 3], [3, 3], [3, 1]),
        circle: placed({ circles: [{ lat: 2, lon: 8, radiusKm: 200 }] }),
      }),
    );
    expect(await titles(api, { near: "2,2,50" })).toEqual(["inside"]);
    expect(await titles(api, { near: "2,2,230" })).toEqual(["hook", "inside"]);
    expect(await titles(api, { near: "2,6,50" })).toEqual(["circle"]);
    expect(await titles(api, { near: "4,3.95,1" })).toEqual(["hook"]);
  });

  test("the distance in SQL is the one of @dais/cap", async () => {
    const degrees = (most: number) => fc.integer({ min: -most * 100, max: most * 100 }).map((n) => n / 100);
    const at = fc.record({ lat: degrees(89), lon: degrees(180) });
    const near = (from: { lat: number; lon: number }) =>
      fc.tuple(degrees(6), degrees(6)).map(([dy, dx]) => ({
        lat: Math.max(-90, Math.min(90, from.lat + dy)),
        lon: ((from.lon + dx + 540) % 360) - 180,
      }));
    const ringed = at.chain((from) =>
      fc.array(near(from), { minLength: 2, maxLength: 8 }).map((others) => [from, ...others, from]),
    );
    const polar = fc.constantFrom(80, -75).map((lat) => [-180, -60, 60, 179, -180].map((lon) => ({ lat, lon })));
    const shape: fc.Arbitrary<Where> = fc.oneof(
      at.map((one) => ({ points: [one], polygons: [], circles: [] })),
      fc
        .tuple(at, fc.nat(500))
        .map(([one, radiusKm]) => ({ points: [], polygons: [], circles: [{ ...one, radiusKm: radiusKm + 1 }] })),
      fc
        .oneof({ weight: 4, arbitrary: ringed }, { weight: 1, arbitrary: polar })
        .map((one) => ({ points: [], polygons: [one], circles: [] })),
    );
    const pairs = fc.sample(
      shape.chain((where) =>
        fc.tuple(
          fc.constant(where),
          fc.oneof(at, near([...where.points, ...where.circles, ...(where.polygons[0] ?? [])][0] as never)),
        ),
      ),
      { numRuns: 1500, seed: 7 },
    );
    const said = await asOwner()`
      select metres_to((p->'at'->>'lat')::float8, (p->'at'->>'lon')::float8, p->'place') as metres
      from jsonb_array_elements(${asOwner().json(pairs.map(([where, from]) => ({ place: where, at: from })))}) with ordinality as t (p, n) order by n`;
    let inside = 0;
    for (const [n, [where, from]] of pairs.entries()) {
      const point = { kind: "point", point: { latitude: from.lat, longitude: from.lon } } as const;
      const right = Math.min(...shapesOf(where).map((one) => distanceMetres(point, one)));
      if (right === 0) inside += 1;
      expect(Math.abs(said[n]?.metres - right), JSON.stringify([where, from])).toBeLessThanOrEqual(
        0.001 + right * 1e-9,
      );
    }
    expect(inside).toBeGreaterThan(50);
  });
});

describe("finding words", () => {
  test("200: in any form, in English and in Arabic, however an Arabic word is spelled", async () => {
    const { api } = await home(
      titled({
        "Flooding in the city": {},
        "A river": { body: "It flooded the bridges." },
        "The roads of Dubai": { area: "Near the flood barrier" },
        "تحذير من الفيضانات، في مدينة دبي": {},
        Heat: { translations: [{ language: "ar", title: "حرارة", body: "درجات الحرارة المرتفعة في المستشفيات" }] },
        "إعصار قوي": { body: "وَصَلَ الإِعْصَـــارُ إلى المدينةِ ٢٠٢٦" },
        Drill: { body: "A test of flood sirens" },
      }),
    );
    const of = (text: string) => titles(api, { text });
    const floods = ["A river", "Drill", "Flooding in the city", "The roads of Dubai"];
    for (const text of ["flood", "FLOODS", "flooded", "the flood"]) expect(await of(text), text).toEqual(floods);
    expect(await of("flood -drill -siren")).toEqual(floods.filter((title) => title !== "Drill"));
    expect(await of("bridge or barrier")).toEqual(["A river", "The roads of Dubai"]);
    expect(await of('"flood barrier"')).toEqual(["The roads of Dubai"]);
    expect(await of('"barrier flood"')).toEqual([]);
    for (const text of ["فيضان", "الفيضان", "فيضانات", "والفيضانات", "فَيَضان", "فيضـــان", "“فيضان”"])
      expect(await of(text), text).toEqual(["تحذير من الفيضانات، في مدينة دبي"]);
    for (const text of ["مدينة", "مدينه", "المدينة", "مدينةِ"])
      expect(await of(text), text).toEqual(["إعصار قوي", "تحذير من الفيضانات، في مدينة دبي"]);
    for (const text of ["إعصار", "اعصار", "أعصار", "الاعصار", "2026", "٢٠٢٦ إعصار"])
      expect(await of(text), text).toEqual(["إعصار قوي"]);
    for (const text of ["مستشفى", "مستشفي", "المستشفيات", "حراره"]) expect(await of(text), text).toEqual(["Heat"]);
    expect(await of("floods or فيضان")).toEqual([...floods, "تحذير من الفيضانات، في مدينة دبي"].sort());
    for (const text of ["the", "of the", "!", "-", "()", '""']) expect(await of(text), text).toEqual([]);
  });

  test("200: text that would be something else in SQL or in a tsquery is words, or nothing", async () => {
    const { api } = await home(
      titled({ "It's a 100% flood": {}, "@UGC=TXC453": {}, Code: { geocodes: ["UGC=TXC453"] } }),
    );
    const hostile = [
      "'",
      "''",
      "\\",
      "'; drop table signals; --",
      "flood' & '",
      "flood:*",
      "flood & !flood",
      "flood <-> flood",
      "!!!!",
      "((((",
      "a:b:c:ABCD",
      "\u{1F525}",
      "\u202eflood",
      "%",
      "_",
      "$1",
      "<script>",
      "or or or",
      "- - -",
      '"',
      '"flood',
      "-flood",
      "flood OR -flood",
      "'@UGC=TXC453'",
      "@UGC=TXC453",
      "x".repeat(200),
      "ف".repeat(200),
      "a ".repeat(100),
      "-a ".repeat(66),
      '" '.repeat(100),
    ];
    for (const text of hostile) expect((await api.get(`/signals?${queryOf({ text })}`)).status, text).toBe(200);
    expect(await titles(api, { text: "'flood'" })).toEqual(["It's a 100% flood"]);
    expect(await titles(api, { text: "\u202eflood" })).toEqual(["It's a 100% flood"]);
    expect(await titles(api, { text: "@UGC=TXC453" })).toEqual(["@UGC=TXC453"]);
    expect(await titles(api, { geocode: "UGC=TXC453" })).toEqual(["Code"]);
    expect(await titles(api, { text: "the", geocode: "UGC=TXC453" })).toEqual([]);
  });

  test("200: a signal is found as soon as it is reported, by its newest words", async () => {
    const { api } = await home();
    const report = (title: string, reportedAt: string) =>
      api.post("/signals", aSignal({ externalId: "1", title, reportedAt }));
    await report("Landslide on the pass", "2026-01-06T03:00:00.000Z");
    expect(await titles(api, { text: "landslides" })).toEqual(["Landslide on the pass"]);
    await report("Pass open again", "2026-01-06T04:00:00.000Z");
    expect(await titles(api, { text: "landslides" })).toEqual([]);
    expect(await titles(api, { text: "opened" })).toEqual(["Pass open again"]);
  });
});

describe("the wall around what is found", () => {
  const app = () => postgres({ ...inject("login"), max: 1, onnotice: () => {}, connection: { role: "dais_app" } });

  test("signals_seen is all of signals, of one organisation", async () => {
    const columns = (table: string) =>
      asOwner()`select attname from pg_attribute where attrelid = ${table}::regclass and attnum > 0 and not attisdropped order by 1`;
    expect(await columns("signals_seen")).toEqual(await columns("signals"));
    const [one, other] = [await home([row({})]), await home([row({})])];
    const sql = app();
    await expect(sql`select 1 from signals_seen`).rejects.toMatchObject({ code: "42704" });
    await sql`select set_config('dais.tenant', ${one.here.tenantId}, false)`;
    expect(await sql`select distinct tenant_id from signals_seen`).toEqual([{ tenant_id: one.here.tenantId }]);
    expect(await sql`select 1 from signals_seen where tenant_id = ${other.here.tenantId}`).toHaveLength(0);
    await expect(sql`update signals_seen set title = 'x'`).rejects.toMatchObject({ code: "42501" });
    await sql.end();
  });

  const box = "10,10,20,20";
  test.each<[string, Filters, Sort, string[]]>([
    ["words", { text: "flood" }, "-occurredAt", ["signals_newest", "signals_found"]],
    ["a box", { box }, "-occurredAt", ["signals_newest", "signals_found"]],
    ["a radius", { near: "1,2,3" }, "occurredAt", ["signals_newest", "signals_found"]],
    [
      "words in a box",
      { text: "flood", box, severity: ["severe"] },
      "-occurredAt",
      ["signals_newest", "signals_found"],
    ],
    ["a geocode", { geocode: "UGC=TXC453" }, "-occurredAt", ["signals_newest", "signals_found"]],
    ["what changed", { changedSince: moment(0) }, "-updatedAt", ["signals_changed"]],
    ["a group", { groupId: idOf("sgr", crypto.randomUUID()), text: "flood" }, "-occurredAt", ["signals_group"]],
    ["somebody's", { assigneeId: idOf("per", crypto.randomUUID()) }, "-occurredAt", ["signals_assignee_newest"]],
    ["what is to be reviewed", { review: ["disagreement"] }, "-occurredAt", ["signals_review"]],
  ])("a search for %s uses indexes, also with a plan that knows no values", async (_, filters, sort, indexes) => {
    const { here } = await home([row({})]);
    const ctx = { tenant: { id: here.tenantId }, visible: levels, actor: { id: "key_1" } };
    const { text, params } = statementOf(ctx as never, { filters, sort, limit: 26, after: null });
    const sql = app();
    await sql`select set_config('dais.tenant', ${here.tenantId}, false), set_config('plan_cache_mode', 'force_generic_plan', false), set_config('enable_seqscan', 'off', false)`;
    await sql.unsafe(`prepare search as ${text}`);
    const values = params
      .map((value) => (value === null ? "null" : `'${String(value).replaceAll("'", "''")}'`))
      .join(", ");
    const plan = (await sql.unsafe(`explain execute search (${values})`)).map((line) => line["QUERY PLAN"]).join("\n");
    for (const index of indexes) expect(plan).toMatch(new RegExp(`\\b${index}\\b`));
    expect(plan).not.toContain("Seq Scan on signals");
    await sql.end();
  });
});
