import { type ClientOptions, createClient, isLostAnswer, isProblem, withKey } from "@dais/client";
import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type Fault, failure, faulty, report } from "./support/faults.ts";
import { asOwner } from "./support/owner.ts";
import { place } from "./support/place.ts";
import { startServer } from "./support/server.ts";

let url: string;
let key: string;
beforeAll(async () => {
  url = (await startServer()).url;
  key = await (await place()).key();
});

let sources = 0;
const sample = () => report({ source: `retried-${++sources}` });
const stored = async ({ source }: { source: string }) =>
  (await asOwner()`select count(*)::int as n from signals where source = ${source}`)[0]?.n;
const meeting = (faults: Fault[], options: Partial<ClientOptions> = {}) => {
  const world = faulty(...faults);
  return { ...world, dais: createClient({ url, key, fetch: world.fetch, sources: world.sources, ...options }) };
};

describe("a change whose answer is lost", () => {
  test("is sent again under the same key, and happened once", async () => {
    const { dais, sent, waits } = meeting(["lost", "unsent", "lost"]);
    const input = sample();
    const { changed, signal } = await dais.signals.ingest.mutate(input);
    expect(changed).toBe(true);
    expect(sent).toHaveLength(4);
    expect(new Set(sent.map((one) => one.key)).size).toBe(1);
    expect(waits).toEqual([250, 500, 1000]);
    expect(await stored(signal)).toBe(1);
  });

  test("too often: says that nobody knows, and by its key the truth can be had", async () => {
    const { dais } = meeting(["lost", "lost"], { retry: { attempts: 2 } });
    const input = sample();
    const error = await failure(dais.signals.ingest.mutate(input));
    if (!isLostAnswer(error)) throw error;
    expect(error).toMatchObject({ name: "LostAnswer", operation: "signals.ingest", attempts: 2 });
    const { signal } = await dais.signals.ingest.mutate(input, withKey(error.idempotencyKey as string));
    expect(await stored(signal)).toBe(1);
  });

  test("and then is refused before anybody looked at its key: still nobody knows", async () => {
    const { dais } = meeting(["lost", { problem: "unavailable" }], { retry: { attempts: 2 } });
    const error = await failure(dais.signals.ingest.mutate(sample()));
    expect(isLostAnswer(error) && isProblem(error.cause, "unavailable")).toBe(true);
  });

  test("and then is refused for good: it has not happened", async () => {
    const { dais } = meeting(["unsent", { problem: "signal_changed" }]);
    expect(isProblem(await failure(dais.signals.ingest.mutate(sample())), "signal_changed")).toBe(true);
  });

  test("whatever happens on the way: never twice, and an answer only to what happened", async () => {
    const faults = fc.array(
      fc.constantFrom<Fault>(
        "lost",
        "unsent",
        "well",
        { foreign: 502 },
        { problem: "busy" },
        { problem: "rate_limited" },
      ),
      { maxLength: 7 },
    );
    const run = async (script: Fault[]) => {
      const { dais } = meeting(script);
      const input = sample();
      const outcome = await dais.signals.ingest.mutate(input).then(
        () => "answered",
        (error) => (isLostAnswer(error) ? "unknown" : "refused"),
      );
      const allowed = { answered: [1], unknown: [0, 1], refused: [0] }[outcome] as number[];
      expect(allowed, outcome).toContain(await stored(input));
    };
    await fc.assert(fc.asyncProperty(faults, run), { numRuns: 60, seed: 20260106 });
  });
});

describe("a call that is asked to wait", () => {
  const later: Fault[] = [
    { problem: "rate_limited", retryAfter: 3 },
    { problem: "busy", retryAfter: 1 },
    { problem: "unavailable", retryAfter: 2, bare: true },
    { problem: "idempotency_in_progress", retryAfter: 1 },
  ];
  test("waits as long as it is told", async () => {
    const { dais, waits, sent } = meeting(later);
    await dais.signals.ingest.mutate(sample());
    expect(waits).toEqual([3000, 1000, 2000, 1000]);
    expect(new Set(sent.map((one) => one.key)).size).toBe(1);
  });

  test("but no longer than it is willing to: then the problem is its answer", async () => {
    const { dais, sent } = meeting([{ problem: "rate_limited", retryAfter: 60 }]);
    const error = await failure(dais.entities.list.query({}));
    expect(isProblem(error, "rate_limited") && error.problem.retryAfterSeconds).toBe(60);
    expect(sent).toHaveLength(1);
  });

  test("shares its waits out at random, between half and the whole", async () => {
    const { fetch, waits, sources: own } = faulty("unsent", "unsent");
    const dais = createClient({ url, key, fetch, sources: { ...own, random: () => 0.999_999 } });
    await dais.entities.list.query({});
    expect(waits.map(Math.round)).toEqual([125, 250]);
  });

  test("from a proxy, too", async () => {
    const { dais, waits } = meeting([{ foreign: 429, retryAfter: "4" }, { foreign: 502 }]);
    await dais.entities.list.query({});
    expect(waits).toEqual([4000, 500]);
  });
});

describe("never sent again", () => {
  test.each<Fault>([
    { problem: "signal_changed" },
    { problem: "forbidden" },
    { problem: "internal" },
    { foreign: 403 },
  ])("after %j", async (fault) => {
    const { dais, sent } = meeting([fault]);
    expect(isLostAnswer(await failure(dais.signals.ingest.mutate(sample())))).toBe(false);
    expect(sent).toHaveLength(1);
  });
});
