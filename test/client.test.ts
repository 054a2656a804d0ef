import { type ClientOptions, createClient, isProblem, withKey } from "@dais/client";
import { beforeAll, describe, expect, test } from "vitest";
import { failure, faulty, report } from "./support/faults.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { startServer } from "./support/server.ts";

let url: string;
let key: string;
let here: Place;
const client = (options: Partial<ClientOptions> = {}) => createClient({ url, key, ...options });
const stored = async (source: string) =>
  (await asOwner()`select count(*)::int as n from signals where source = ${source}`)[0]?.n;

beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
  key = await here.key();
});

describe("createClient", () => {
  test("speaks every kind of operation by its name", async () => {
    const { changed, signal } = await client().signals.ingest.mutate(report());
    expect(changed).toBe(true);
    expect(await client().signals.get.query({ id: signal.id })).toEqual(signal);
    const { items } = await client().signals.list.query({ limit: 1, severity: ["severe"] });
    expect(items).toEqual([signal]);
  });

  test("reads that start together share a request, as many as the server takes; a change goes alone", async () => {
    const { fetch, sent } = faulty();
    const dais = client({ fetch });
    await Promise.all(Array.from({ length: 25 }, () => dais.entities.list.query({})));
    expect(sent.map((one) => new URL(one.url).pathname.split(",").length)).toEqual([20, 5]);
    await Promise.all([1, 2, 3].map(() => dais.signals.ingest.mutate(report())));
    expect(sent.slice(2).map((one) => new URL(one.url).pathname)).toEqual(Array(3).fill("/trpc/signals.ingest"));
  });

  test("each change has a key of its own, a read has none", async () => {
    const { fetch, sent } = faulty();
    const dais = client({ fetch });
    await dais.signals.ingest.mutate(report());
    await dais.signals.ingest.mutate(report());
    await dais.signals.list.query({});
    const [one, two, read] = sent.map((request) => request.key);
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(two).toMatch(/^[0-9a-f]{32}$/);
    expect(two).not.toBe(one);
    expect(read).toBeNull();
  });

  test("a key of the caller's own makes two calls one change", async () => {
    const input = report({ source: "own-key" });
    const first = await client().signals.ingest.mutate(input, withKey("kept-with-the-draft"));
    const again = await client().signals.ingest.mutate(input, withKey("kept-with-the-draft"));
    expect(again).toEqual(first);
    expect(await stored("own-key")).toBe(1);
  });

  test("credential and headers may be functions, asked before every request", async () => {
    const keys = ["nonsense", key];
    const seen: (string | null)[] = [];
    const dais = client({
      key: () => keys.shift() as string,
      headers: async () => ({ "x-request-id": "chosen-by-caller" }),
      fetch: (target, init) => {
        seen.push(new Headers(init?.headers).get("x-request-id"));
        return fetch(target, init);
      },
    });
    expect(isProblem(await failure(dais.entities.list.query({})), "unauthenticated")).toBe(true);
    expect((await dais.entities.list.query({})).items).toHaveLength(2);
    expect(seen).toEqual(["chosen-by-caller", "chosen-by-caller"]);
  });
});

describe("isProblem", () => {
  test("412: tells the problem by its code, with what the server said", async () => {
    const { signal } = await client().signals.ingest.mutate(report());
    await client().signals.acknowledge.mutate({ id: signal.id, version: 1 });
    const error = await failure(client().signals.dismiss.mutate({ id: signal.id, version: 1, reason: "A test." }));
    if (!isProblem(error, "signal_changed")) throw error;
    expect(error).toMatchObject({ name: "DaisProblem", status: 412, code: "signal_changed", problem: { version: 2 } });
    expect(error.problem.type).toBe("http://dais.test/problems/signal_changed");
    expect(error.idempotencyKey).toMatch(/^[0-9a-f]{32}$/);
    expect(isProblem(error)).toBe(true);
    expect(isProblem(error, "signal_not_found", "signal_changed")).toBe(true);
    expect(isProblem(error, "signal_not_found")).toBe(false);
  });

  test("400: says which fields were wrong", async () => {
    const error = await failure(client().signals.list.query({ limit: 0 }));
    expect(isProblem(error, "invalid_input") && error.problem.errors).toMatchObject([{ pointer: "/limit" }]);
  });

  test("of one batch each call has its own answer", async () => {
    const dais = client();
    const [good, bad] = await Promise.allSettled([
      dais.entities.list.query({}),
      dais.entities.get.query({ id: "ent_01h455vb4pex5vsknk084sn02q" }),
    ]);
    expect(good.status).toBe("fulfilled");
    expect(bad.status === "rejected" && isProblem(bad.reason, "entity_not_found")).toBe(true);
  });

  test("an error of somebody else's is none", () => {
    expect(isProblem(new TypeError("fetch failed"))).toBe(false);
    expect(isProblem({ code: "signal_changed" }, "signal_changed")).toBe(false);
  });
});
