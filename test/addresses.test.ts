import { beforeAll, describe, expect, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { head, raw } from "./support/raw.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { speakers } from "./support/speakers.ts";

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

describe("paths", () => {
  test.each([
    ["/v1/signals/%2F", 400, "invalid_input"],
    ["/v1/signals/%00", 400, "invalid_input"],
    ["/v1/signals/%zz", 400, "invalid_input"],
    ["/v1/signals/%ff", 400, "invalid_input"],
    ["/v1/signals/..%2F..%2Fmetrics", 400, "invalid_input"],
    ["/v1/signals/sig_1/moves/more", 404, "not_found"],
    ["/v1/nothing", 404, "not_found"],
    ["/v1/__proto__", 404, "not_found"],
    ["/v1", 404, "not_found"],
    ["/v2/signals", 404, "not_found"],
    ["/nothing/at/all", 404, "not_found"],
  ])("%s: %d %s", async (path, status, code) => {
    const answer = await ask(`GET ${path}`);
    expect(answer).toMatchObject({ status, body: { code, status, type: `http://dais.test/problems/${code}` } });
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer.headers.get("x-request-id")).toBe(answer.body.requestId);
  });

  test("200: letters that are encoded without need mean the same", async () => {
    for (const path of [
      `/v1/signals/${id.replace("_", "%5F")}`,
      `/v1/sign%61ls/${id}`,
      `/v1/signals/%73${id.slice(1)}`,
    ])
      expect(await ask(`GET ${path}`)).toMatchObject({ status: 200, body: { id } });
  });

  test("308: one address per thing; the slash at the end goes, the query stays", async () => {
    for (const [from, to] of [
      ["/v1/signals/?limit=1", "/v1/signals?limit=1"],
      [`/v1/signals/${id}//`, `/v1/signals/${id}`],
    ] as const) {
      const answer = await ask(`POST ${from}`);
      expect([answer.status, answer.headers.get("location")]).toEqual([308, to]);
    }
  });
});

describe("methods", () => {
  test("HEAD is GET without its body", async () => {
    const [got, headed] = [
      await ask(`GET /v1/signals/${id}`),
      await fetch(`${url}/v1/signals/${id}`, { method: "HEAD", headers: { authorization: `Bearer ${key}` } }),
    ];
    expect(headed.status).toBe(200);
    for (const name of ["etag", "content-type", "cache-control"])
      expect(headed.headers.get(name)).toBe(got.headers.get(name));
    expect(await headed.text()).toBe("");
  });

  test.each([
    ["/v1/signals", "GET, HEAD, POST, OPTIONS"],
    [`/v1/signals/batch`, "POST, OPTIONS"],
    ["/v1/organisations/current", "GET, HEAD, OPTIONS"],
    ["/v1/entities/ent_01kejc8ht0e6ssypg6m30swm9g", "GET, HEAD, PATCH, OPTIONS"],
    ["/mcp", "POST, OPTIONS"],
    ["/trpc/signals.get", "GET, OPTIONS"],
    ["/trpc/signals.ingest", "POST, OPTIONS"],
  ])("%s: OPTIONS tells what there is, and the rest is 405 with the same", async (path, allow) => {
    const sorted = (answer: { headers: Headers }) => answer.headers.get("allow")?.split(", ").sort();
    const options = await ask(`OPTIONS ${path}`);
    expect([options.status, sorted(options)]).toEqual([204, allow.split(", ").sort()]);
    for (const method of ["DELETE", "PUT"]) {
      const answer = await ask(`${method} ${path}`, { "content-length": "0" });
      expect([answer.status, answer.body.code ?? answer.body.error?.data.problem.code, sorted(answer)]).toEqual([
        405,
        "method_not_allowed",
        allow.split(", ").sort(),
      ]);
    }
  });
});

describe("headers", () => {
  test("406 not_acceptable, and what JSON's ranges are", async () => {
    for (const accept of [
      "text/html",
      "application/xml",
      "application/json;q=0",
      "image/*",
      "*/*;q=0.0",
      "application/json;q=0, */*",
    ])
      expect(await api.get("/signals", { accept })).toMatchObject({ status: 406, body: { code: "not_acceptable" } });
    for (const accept of [
      "*/*",
      "application/*",
      "text/html, application/json;q=0.5",
      "Application/JSON;charset=utf-8",
    ])
      expect((await api.get("/signals", { accept })).status).toBe(200);
  });

  test("400: an If-Match that names no single version, or another than the body", async () => {
    const move = (etag: string, body: object = {}) =>
      api.post(`/signals/${id}/acknowledge`, body, { "if-match": etag });
    for (const etag of ['W/"1"', "*", '"1", "2"', "1", '""', '"0"', '"01"', '"1e0"', "'1'", '"99999999999"'])
      expect(await move(etag), etag).toMatchObject({
        status: 400,
        body: { code: "invalid_input", errors: [{ pointer: "/body/version" }] },
      });
    expect(await move('"1"', { version: 2 })).toMatchObject({ status: 400, body: { code: "invalid_input" } });
    expect((await move('"2"')).status).toBe(412);
    expect((await move('"1"', { version: 1 })).status).toBe(200);
  });

  test("400 idempotency_key_invalid on every face; a read has no use for one", async () => {
    const body = JSON.stringify(aSignal());
    for (const bad of ["", '""', "k".repeat(256), "a b", "\u00e9"]) {
      const latin = Buffer.from(bad).toString("latin1");
      for (const name of ["REST", "tRPC"])
        expect(
          (await speakers[name]?.(url, { key, body, headers: { "idempotency-key": latin === "" ? '""' : latin } }))
            ?.code,
          name,
        ).toBe("idempotency_key_invalid");
      expect((await ask("GET /v1/signals?limit=1", { "idempotency-key": latin })).status).toBe(200);
      if (bad === '""') continue; // a quoted string is REST's way to say it
      const message = {
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name: "signals_ingest", arguments: aSignal(), _meta: { idempotencyKey: bad } },
      };
      const headers = {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        "mcp-protocol-version": "2025-11-25",
      };
      const answer = await fetch(`${url}/mcp`, { method: "POST", headers, body: JSON.stringify(message) });
      expect(await answer.text()).toContain("idempotency_key_invalid");
    }
    expect((await api.post("/signals", aSignal(), { "idempotency-key": "k".repeat(255) })).status).toBe(201);
  });

  test("a request id and a trace of the caller's are taken where they are sane, and never otherwise", async () => {
    expect((await ask("GET /v1/signals", { "x-request-id": "req-12345678" })).headers.get("x-request-id")).toBe(
      "req-12345678",
    );
    for (const bad of ["short", "a".repeat(101), "<script>alert(1)</script>"])
      expect((await ask("GET /v1/signals", { "x-request-id": bad })).headers.get("x-request-id")).toMatch(
        /^[0-9a-f-]{36}$/,
      );
  });
});
