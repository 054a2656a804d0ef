import { beforeAll, describe, expect, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { head, raw } from "./support/raw.ts";
import { type Reply, type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

let url: string;
let here: Place;
let key: string;
let api: RestClient;
let id: string;

beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
  key = await here.key();
  api = restClient(url, key);
  id = (await api.post("/signals", aSignal())).body.signal.id;
});

/** By raw bytes: fetch would put an address in order first. */
const ask = (line: string, headers: Record<string, string> = {}) =>
  raw(url, [head(line, { authorization: `Bearer ${key}`, ...headers })]);
const rpc = async (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) => {
  const response = await fetch(`${url}/trpc/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${key}`, ...init.headers },
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Reply["body"] & Reply["body"][],
  };
};
const queryOf = (value: unknown) =>
  `input=${encodeURIComponent(typeof value === "string" ? value : JSON.stringify(value))}`;

describe("a read's fields, over REST", () => {
  const never = "sig_01kejc8ht0e6ssypg6m30swm9g";
  test.each([
    "limit=0",
    "limit=-1",
    "limit=101",
    "limit=1.5",
    "limit=1e2",
    "limit=1e400",
    "limit=0x10",
    "limit=",
    "limit=%2010",
    "limit=9007199254740993",
    "limit=1&limit=2",
    "cursor=",
    "cursor=a&cursor=b",
    `cursor=${"a".repeat(1001)}`,
    "state=gone",
    "state=new&state=gone",
    "entityId=nonsense",
    `entityId=${never}`,
    "since=yesterday",
    "since=10000-01-01T00:00:00Z",
    "source=%00",
    "source=a&source=b",
    "sort=title",
    "surprise=1",
    "__proto__=1",
    "constructor=1",
    "limit%00=1",
    "%2Flimit~=1",
    "state[]=new",
  ])("400 invalid_input: ?%s", async (query) => {
    const answer = await ask(`GET /v1/signals?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    for (const { pointer } of answer.body.errors) expect(pointer).toMatch(/^\/query\/([^/~]|~[01])+(\/\d+)?$/);
  });

  test.each(["a", "a.b", ".", "..", "bnVsbA.bnVsbA", "%F0%9F%94%A5"])("400 invalid_cursor: %s", async (cursor) => {
    expect(await ask(`GET /v1/signals?cursor=${cursor}`)).toMatchObject({
      status: 400,
      body: { code: "invalid_cursor" },
    });
    expect(
      (await rpc(`signals.list?${queryOf({ cursor: decodeURIComponent(cursor) })}`)).body.error.data.problem.code,
    ).toBe("invalid_cursor");
  });

  test("400: a field in the wrong place: a query on a command, the path's field in body or query", async () => {
    const wrong = [
      [await api.send("/signals?surprise~/=1", { method: "POST", body: aSignal() }), "/query/surprise~0~1"],
      [await api.get(`/signals/${id}?id=${id}`), "/query/id"],
      [await api.post(`/signals/${id}/acknowledge`, { id, version: 1 }), "/body/id"],
    ] as const;
    for (const [answer, pointer] of wrong)
      expect(answer).toMatchObject({ status: 400, body: { code: "invalid_input", errors: [{ pointer }] } });
  });
});

describe("tRPC", () => {
  test("a batch of reads is answered one by one, and a wrong one spoils no other", async () => {
    const input = { 0: { limit: 1 }, 1: { limit: 0 }, 2: {} };
    const { status, body } = await rpc(`signals.list,signals.list,no.such?batch=1&${queryOf(input)}`);
    expect(status).toBe(207);
    expect(body.map((one: Reply["body"]) => one.error?.data.problem.code ?? one.result.data.items.length)).toEqual([
      1,
      "invalid_input",
      "not_found",
    ]);
  });

  test("400: a command in a batch, which its Idempotency-Key could not tell from the others", async () => {
    const before = (await here.trail()).length;
    const { body } = await rpc("signals.ingest,signals.ingest?batch=1", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ 0: aSignal(), 1: aSignal() }),
    });
    for (const one of body)
      expect(one.error.data.problem).toMatchObject({ code: "invalid_input", errors: [{ code: "batched_command" }] });
    expect(await here.trail()).toHaveLength(before);
  });

  test("200: a command that is the only call of its batch, as tRPC's batching link sends it", async () => {
    const { body } = await rpc("signals.ingest?batch=1", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ 0: aSignal() }),
    });
    expect(body).toMatchObject([{ result: { data: { changed: true } } }]);
  });

  test.each([
    ["signals.list?input={", 400, "malformed_json"],
    [`signals.list?${queryOf('{"limit":1,"limit":2}')}`, 400, "malformed_json"],
    [`signals.list?${queryOf('{"__proto__":1}')}`, 400, "malformed_json"],
    [`signals.list?${queryOf(`{"source":"\\u0000"}`)}`, 400, "malformed_json"],
    [`signals.list?batch=1&${queryOf('{"0":{},"0":{}}')}`, 400, "malformed_json"],
    [`signals.list?batch=1&${queryOf("[]")}`, 400, "malformed_json"],
    [`signals.list?batch=1&${queryOf("null")}`, 400, "malformed_json"],
    [`${Array(21).fill("signals.list").join()}?batch=1&${queryOf({})}`, 400, "invalid_input"],
    [`signals.list?${queryOf({})}&connectionParams=x`, 400, "invalid_input"],
    ["signals.list%zz", 400, "invalid_input"],
    ["signals.nothing", 404, "not_found"],
    ["signals", 404, "not_found"],
    ["", 404, "not_found"],
    ["constructor", 404, "not_found"],
    ["signals.ingest", 405, "method_not_allowed"],
  ])("GET /trpc/%s: %d %s", async (path, status, code) => {
    const { status: given, body } = await rpc(path);
    const { problem } = (Array.isArray(body) ? body[0] : body)?.error?.data ?? {};
    expect([given, problem.code, problem.status]).toEqual([status, code, status]);
  });

  test("405: a read by POST, and 400: its answer as a stream that nobody asked to batch", async () => {
    expect((await rpc("signals.list", { method: "POST", body: "{}" })).body.error.data.problem.code).toBe(
      "method_not_allowed",
    );
    expect(
      (await rpc("signals.list", { headers: { "trpc-accept": "application/jsonl" } })).body.error.data.problem.code,
    ).toBe("invalid_input");
  });
});
