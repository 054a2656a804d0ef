import { idOf } from "@dais/contracts/kit/ids";
import { categories, severities, signalStates } from "@dais/contracts/signals";
import { beforeAll, describe, expect, test } from "vitest";
import { levels, type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { plain, putSignals, type Row } from "./support/signal-rows.ts";

/** The server's clock stands still here, but for what a test adds. */
const clock = { time: Date.parse("2026-01-06T12:00:00.000Z") };
const hour = 3_600_000;
const day = 24 * hour;
const ago = (ms: number) => new Date(clock.time - ms).toISOString();
const uuid = () => crypto.randomUUID();

let url: string;
beforeAll(async () => {
  url = (await startServer({ sources: { now: () => new Date(clock.time) } })).url;
});

async function home(rows: readonly Row[] = []): Promise<{ here: Place; api: RestClient }> {
  const here = await place();
  await putSignals(here.tenantId, rows);
  return { here, api: restClient(url, await here.key()) };
}
const row = (fields: Partial<Row>): Row => ({ ...plain, id: uuid(), ...fields });
type Counted = { count: { value: number; classification: string } };
/** Of each list the counts above 0, by what they count. */
const counts = (list: (Counted & Record<string, unknown>)[], by: string) =>
  Object.fromEntries(list.flatMap((one) => (one.count.value > 0 ? [[String(one[by]), one.count.value]] : [])));
const picture = async (api: RestClient, query = "") => (await api.get(`/signals/picture${query}`)).body;

describe("signals.picture", () => {
  test("200: counts what a count in JavaScript counts, each figure as high as the highest of it", async () => {
    const entities = [uuid(), uuid()];
    let n = 0;
    const of = <T>(all: readonly T[], every = 1): T => all[Math.floor(n / every) % all.length] as T;
    const rows = Array.from({ length: 700 }, () => {
      n += 1;
      return row({
        state: of(signalStates),
        severity: of(severities, 7),
        category: of(categories, 5),
        classification: of(levels, 3),
        entity_id: of([null, ...entities], 11),
        updated_at: ago((n % 14) * day),
        created_at: ago(30 * day),
      });
    });
    const { here, api } = await home(rows);
    await home(rows.slice(0, 50).map((one) => ({ ...one, id: uuid() })));
    const low = restClient(url, await here.key({ clearance: "internal" }));
    for (const [caller, visible] of [
      [api, levels],
      [low, levels.slice(0, 2)],
    ] as const) {
      const seen = rows.filter(
        ({ state, classification, updated_at }) =>
          (visible as readonly string[]).includes(classification) &&
          state !== "merged" &&
          (!["dismissed", "withdrawn"].includes(state) || updated_at >= ago(7 * day)),
      );
      const tally = (by: (one: Row) => string | null) =>
        Object.fromEntries(
          [...new Set(seen.map(by))].map((key) => [String(key), seen.filter((one) => by(one) === key).length]),
        );
      const body = await picture(caller);
      expect(body.total).toMatchObject({
        value: seen.length,
        unit: "signals",
        asOf: ago(0),
        freshness: "fresh",
        method: "derived",
        classification: visible.at(-1),
      });
      expect(counts(body.bySeverity, "severity")).toEqual(tally((one) => one.severity));
      expect(counts(body.byCategory, "category")).toEqual(tally((one) => one.category));
      expect(counts(body.byState, "state")).toEqual(tally((one) => one.state));
      expect(counts(body.byEntity, "entityId")).toEqual(tally((one) => one.entity_id && idOf("ent", one.entity_id)));
    }
    const some = await picture(api, "?severity=severe&severity=minor&category=met&classification=public");
    const right = rows.filter(
      (one) =>
        ["severe", "minor"].includes(one.severity) &&
        one.category === "met" &&
        one.classification === "public" &&
        one.state !== "merged" &&
        (!["dismissed", "withdrawn"].includes(one.state) || one.updated_at >= ago(7 * day)),
    );
    expect(some.total).toMatchObject({ value: right.length, classification: "public" });
    const its = await picture(api, `?entityId=${idOf("ent", entities[0] as string)}`);
    expect(its.byEntity).toHaveLength(1);
  });

  test("200: an organisation without signals has a picture, of noughts", async () => {
    const body = await picture((await home()).api);
    expect(body.total).toMatchObject({ value: 0, classification: "public" });
    expect(body.bySeverity.map(({ severity }: { severity: string }) => severity)).toEqual([...severities]);
    expect(body.byState.map(({ state }: { state: string }) => state)).toEqual(
      signalStates.filter((state) => state !== "merged"),
    );
    expect(body.byEntity).toEqual([]);
    expect(body.since).toBe(ago(day));
  });

  test("200: what was reported, escalated, dismissed and came back since, once each, whatever has become of it", async () => {
    const { here, api } = await home();
    const items = Array.from({ length: 6 }, (_, n) =>
      aSignal({ title: `Signal ${n}`, classification: n === 5 ? "secret" : "internal" }),
    );
    const ids: string[] = (await api.post("/signals/batch", { items })).body.items.map(({ id }: { id: string }) => id);
    const versions = new Map(ids.map((id) => [id, 1]));
    const move = async (n: number, name: string, more: object = {}) => {
      const id = ids[n] as string;
      const answer = await api.post(`/signals/${id}/${name}`, { version: versions.get(id), ...more });
      expect(answer.status).toBe(200);
      versions.set(id, answer.body.version);
    };
    const reason = { reason: "A test." };
    const started = clock.time;
    clock.time += 2 * hour;
    for (const n of [0, 1, 2, 5]) await move(n, "acknowledge");
    await move(0, "escalate", reason);
    await move(5, "escalate", reason);
    for (const n of [1, 2]) await move(n, "dismiss", reason);
    await move(2, "reopen", reason);
    await move(2, "acknowledge");
    await move(2, "dismiss", reason);
    clock.time += hour;
    const values = async (caller: RestClient, query = "") => {
      const { changed } = await picture(caller, query);
      return Object.fromEntries(
        Object.entries(changed as Record<string, { value: number }>).map(([name, { value }]) => [name, value]),
      );
    };
    const since = (ms: number) => `?since=${new Date(started + ms).toISOString()}`;
    expect(await values(api)).toEqual({ new: 6, escalated: 2, dismissed: 2, returned: 1 });
    expect(await values(api, since(hour))).toEqual({ new: 0, escalated: 2, dismissed: 2, returned: 1 });
    expect(await values(api, since(2 * hour + 1))).toEqual({ new: 0, escalated: 0, dismissed: 0, returned: 0 });
    expect(await values(api, "?category=fire")).toEqual({ new: 0, escalated: 0, dismissed: 0, returned: 0 });
    const low = restClient(url, await here.key({ clearance: "internal" }));
    expect(await values(low)).toEqual({ new: 5, escalated: 1, dismissed: 2, returned: 1 });
    expect((await picture(api)).changed.escalated.classification).toBe("secret");
    expect((await picture(low)).changed.escalated.classification).toBe("internal");
    clock.time = started;
  });

  test("422 signal_picture_too_long: changes of more than a week ago", async () => {
    const { api } = await home();
    const asked = (ms: number) => api.get(`/signals/picture?since=${ago(ms)}`);
    expect((await asked(7 * day)).status).toBe(200);
    expect(await asked(7 * day + 1)).toMatchObject({ status: 422, body: { code: "signal_picture_too_long" } });
  });
});
