import type { Server } from "@dais/api/server";
import { canonical } from "@dais/kernel/canonical";
import { beforeAll, describe, expect, test } from "vitest";
import { alertsXml, anAlert, outcomes, type Said, sendCap } from "./support/cap/door.ts";
import { place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { everySignal, type Report, shuffled, together } from "./support/signals.ts";

let one: Server;
let other: Server;
beforeAll(async () => {
  [one, other] = await Promise.all([startServer(), startServer()]);
});

const at = (minute: number) => `2026-01-06T04:${String(minute).padStart(2, "0")}:00-00:00`;
const of = (identifier: string, minute: number, more: Partial<Said> = {}): Said => ({
  identifier,
  sent: at(minute),
  ...more,
});
const update = (identifier: string, minute: number, references: Said[], info: Said["info"] = {}) =>
  of(identifier, minute, { alert: { msgType: "Update" }, references, info, sender: references[0]?.sender });
const cancel = (identifier: string, minute: number, references: Said[]) =>
  of(identifier, minute, {
    ...{ alert: { msgType: "Cancel", note: "All clear" }, references, info: null },
    sender: references[0]?.sender,
  });

const a = of("a", 0, { info: { headline: "Storm", severity: "Severe" } });
const u = update("u", 10, [a], { headline: "Storm eases", severity: "Minor" });
const back = update("back", 20, [a, u], { headline: "Storm is back", severity: "Extreme" });
const c = cancel("c", 15, [a]);
/** The same thing, as another sender tells it. */
const b = of("b", 5, { sender: "port@sea.example", info: { headline: "Storm", severity: "Moderate" } });
const ended = cancel("ended", 25, [b]);
/** Something else, and what ends both. */
const far = of("far", 3, { info: { headline: "Hail" }, area: "<circle>-40,100 5</circle>" });
const both = cancel("both", 40, [a, far]);
const ack = of("ack", 12, { alert: { msgType: "Ack" }, info: null, references: [a] });

type Sent = { xml: string; source?: string };
const sent = (...all: Said[]): Sent[] => all.map((said) => ({ xml: anAlert(said) }));

const permutations = <T>(list: readonly T[]): T[][] =>
  list.length < 2
    ? [[...list]]
    : list.flatMap((first, n) => permutations(list.toSpliced(n, 1)).map((rest) => [first, ...rest]));

/** All that signals say, but for what depends on when they were made and moved; merged ones aside. */
async function world(api: RestClient) {
  const said = ({ id: _, version: _v, createdAt: _c, updatedAt: _u, groupId: _g, ...rest }: Report) => canonical(rest);
  const all = [...(await everySignal(api)), ...(await everySignal(api, "&state=withdrawn"))];
  const different = new Map(all.map((signal) => [signal.id, signal]));
  const entries = [...different.values()].map((signal) => [said(signal), signal.groupId as string | null] as const);
  return { signals: entries.map(([signal]) => signal).sort(), groups: together(entries) };
}

/** Sends to a new organisation, so many alerts in one document. */
async function worldOf(order: readonly Sent[], size = 1) {
  const api = restClient(one.url, await (await place()).key());
  for (let n = 0; n < order.length; ) {
    const { source } = order[n] as Sent;
    let end = n + 1;
    while (end < order.length && end - n < size && order[end]?.source === source) end += 1;
    const xml = alertsXml(...order.slice(n, end).map((each) => each.xml));
    expect((await sendCap(api, xml, source ? { source } : {})).status).toBe(200);
    n = end;
  }
  return world(api);
}

const stories: Record<string, Sent[]> = {
  "an alert, its update, its cancellation": sent(a, u, c),
  "a cancellation between two updates: the later one holds": sent(a, c, back),
  "an alert by two senders, of whom one takes it back": sent(a, b, c),
  "an alert by two senders, which both take back": sent(a, b, c, ended),
  "an update, and what another sender said before it": sent(a, u, b),
  "one cancellation of two things": sent(a, far, both),
  "one cancellation of two things, of which one goes on": sent(a, far, both, update("on", 50, [far])),
  "an update that joins two alerts": sent(a, far, update("joined", 9, [a, far])),
  "an update of a cancellation": sent(a, c, update("again", 18, [c])),
  "an acknowledgement of what is updated": sent(a, ack, u),
  "the same alert by two sources, and its update by one of them": [...sent(a, u), { xml: anAlert(a), source: "relay" }],
  "an update that is older than what it updates": sent(a, update("early", 10, [of("late", 20)]), of("late", 20)),
};

describe("in whatever order alerts come", () => {
  test.each(Object.entries(stories))("the same signals: %s", { timeout: 60_000 }, async (_, story) => {
    const [first, ...others] = permutations(story);
    const expected = await worldOf(first as Sent[]);
    for (const order of others) expect(await worldOf(order)).toEqual(expected);
    expect(await worldOf(story, story.length)).toEqual(expected);
  });

  test("and what was sent last counts", async () => {
    const stateOf = async (...all: Said[]) =>
      (await worldOf(sent(...all))).signals.map((text) => {
        const { title, state, severity, stateReason } = JSON.parse(text);
        return [title, state, severity, stateReason];
      });
    expect(await stateOf(c, u, a)).toEqual([["Storm eases", "withdrawn", "minor", "All clear"]]);
    expect(await stateOf(back, c, a)).toEqual([["Storm is back", "new", "extreme", null]]);
    expect(await stateOf(a, c, back)).toEqual([["Storm is back", "new", "extreme", null]]);
    expect(await stateOf(a, c, b)).toEqual([["Storm", "new", "severe", null]]);
  });

  test("the same signals of a whole day, shuffled, in documents of any size", { timeout: 120_000 }, async () => {
    const day = Array.from({ length: 12 }, (_, n) => threadOf(n)).flat();
    const expected = await worldOf(day);
    expect(expected.signals.length).toBeGreaterThan(7);
    for (const [seed, size] of [
      [1, 1],
      [2, 3],
      [3, 7],
      [4, 100],
      [5, 1],
      [6, 2],
    ] as const)
      expect(await worldOf(shuffled(day, seed), size), `seed ${seed}`).toEqual(expected);
  });
});

/** Alerts of one of twelve senders about one of four places: updates, cancellations, some of both, some twice. */
function threadOf(n: number): Sent[] {
  const sender = `duty-${n}@weather.example`;
  const area = `<circle>${(n % 9) * 0.5},${n % 2 ? 179.99 : -179.99} 5</circle>`;
  const name = (what: string) => `${what}-${n}`;
  const words = ["Storm", "Flood", "Hail", "STORM!", "fire"];
  const info = (step: number) => ({
    headline: words[(n * 2 + step) % 5] as string,
    severity: ["Minor", "Severe", "Unknown", "Extreme"][(n * 3 + step) % 4] as string,
  });
  const first = of(name("a"), n, { sender, area, info: info(0) });
  const second = { ...update(name("u"), n + 12, [first], info(1)), area };
  const third = { ...update(name("v"), n + 24, [n % 2 ? second : first], info(2)), area };
  const over = cancel(name("c"), n + ([20, 30, 12][n % 3] as number), n % 4 ? [first] : [first, second]);
  const all = n % 5 === 0 ? sent(first, third) : sent(first, second, third, over);
  return n % 3 === 0 ? [...all, { xml: anAlert(second), source: "relay" }] : all;
}

describe("two servers", () => {
  test("one signal of an alert that many senders bring to both at once", { timeout: 60_000 }, async () => {
    const here = await place();
    const key = await here.key();
    const clients = [restClient(one.url, key), restClient(other.url, key)];
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => sendCap(clients[n % 2] as RestClient, anAlert(a), { source: `s-${n % 3}` })),
    );
    expect(new Set(answers.map(({ body }) => body.alerts[0].signalId)).size).toBe(1);
    const said = answers.map((answer) => outcomes(answer)[0]?.[0]).sort();
    expect(said).toEqual(["created", "seen", "seen", ...Array(9).fill("unchanged")]);
    expect(await everySignal(clients[0] as RestClient)).toMatchObject([{ sightings: 3, state: "new" }]);
    const { items } = (await (clients[1] as RestClient).get("/signals/alerts")).body;
    expect(items).toHaveLength(1);
  });

  test("the same of alerts, updates and cancellations at once, as one after the other", {
    timeout: 60_000,
  }, async () => {
    const expected = await worldOf(sent(a, u, b, c, ended));
    for (const seed of [1, 2, 3]) {
      const key = await (await place()).key();
      const clients = [restClient(one.url, key), restClient(other.url, key)];
      const order = shuffled(sent(a, u, b, c, ended), seed);
      const twice = [...order, ...order];
      await Promise.all(twice.map(({ xml }, n) => sendCap(clients[n % 2] as RestClient, xml)));
      expect(await world(clients[0] as RestClient)).toEqual(expected);
    }
  });
});
