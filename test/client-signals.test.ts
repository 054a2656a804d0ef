import { createClient, isLostAnswer } from "@dais/client";
import { beforeAll, describe, expect, test } from "vitest";
import { type Fault, failure, faulty, report } from "./support/faults.ts";
import { place } from "./support/place.ts";
import { startServer } from "./support/server.ts";

let url: string;
let key: string;
beforeAll(async () => {
  url = (await startServer()).url;
  key = await (await place()).key();
});
const meeting = (...faults: Fault[]) => {
  const world = faulty(...faults);
  return {
    ...world,
    dais: createClient({ url, key, fetch: world.fetch, timeoutMs: 100, sources: { random: () => 0 } }),
  };
};
const reason = new DOMException("gone elsewhere", "AbortError");

describe("a call that its caller stops", () => {
  test("is never sent where it was stopped before", async () => {
    const { dais, sent } = meeting();
    const error = await failure(dais.signals.ingest.mutate(report(), { signal: AbortSignal.abort(reason) }));
    expect(error).toMatchObject({ cause: reason });
    expect(isLostAnswer(error)).toBe(false);
    expect(sent).toEqual([]);
  });

  test.each([
    ["while it is under way", "hangs"],
    ["while it waits for its next attempt", { problem: "busy", retryAfter: 9 }],
  ] as [string, Fault][])("%s: ends at once; a read is stopped, of a change nobody knows", async (_, fault) => {
    for (const change of [false, true]) {
      const { dais, sent } = meeting(fault);
      const stop = new AbortController();
      const options = { signal: stop.signal };
      const call = change ? dais.signals.ingest.mutate(report(), options) : dais.entities.list.query({}, options);
      setTimeout(() => stop.abort(reason), 30);
      const error = await failure(call);
      expect(error).toMatchObject({ cause: reason });
      expect(isLostAnswer(error)).toBe(change);
      expect(sent).toHaveLength(1);
    }
  });

  test("among others of its batch: they have their answers", async () => {
    const { dais } = meeting();
    const stop = new AbortController();
    const stopped = failure(dais.entities.list.query({}, { signal: stop.signal }));
    const other = dais.signals.list.query({});
    stop.abort(reason);
    expect(await stopped).toMatchObject({ cause: reason });
    expect((await other).items).toEqual(expect.any(Array));
  });
});

test("an attempt without an answer in its time counts as lost, and is made again", async () => {
  const { dais, sent } = meeting("hangs");
  expect((await dais.signals.ingest.mutate(report())).changed).toBe(true);
  // The second, or on a slow machine one after it.
  expect(sent.length).toBeGreaterThan(1);
});
