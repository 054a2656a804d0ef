import { beforeAll, describe, expect, test } from "vitest";
import { calling, initialize, list, modern, type Reply, rawMcp } from "./support/mcp.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

let settle: () => Promise<void>;
let here: Place;
let key: string;
let url: string;
let say: ReturnType<typeof rawMcp>;
beforeAll(async () => {
  const env = { ALLOWED_HOSTS: "Agents.dais.test", CORS_ORIGINS: "https://portal.dais.test" };
  const started = await startServer({ env });
  url = started.url;
  say = rawMcp(url);
  settle = started.kernel.settle;
  here = await place();
  key = await here.key();
});

const signed = (headers: Record<string, string> = {}) => ({ headers: { authorization: `Bearer ${key}`, ...headers } });

describe("the MCP face over HTTP", () => {
  test.each([
    ["initialize", initialize],
    ["tools/list", list],
    ["tools/call", calling("signals_list")],
    ["a broken body", "{"],
  ])("401: %s needs a credential before anything else", async (_, body) => {
    const none = await say(body);
    expect(none).toMatchObject({
      status: 401,
      body: { code: "unauthenticated", requestId: none.headers["x-request-id"] },
    });
    expect(none.headers).toMatchObject({
      "content-type": "application/problem+json",
      "www-authenticate": 'Bearer realm="dais"',
    });
    const bad = await say(body, { headers: { authorization: "Bearer nonsense" } });
    expect(bad.headers["www-authenticate"]).toBe('Bearer realm="dais", error="invalid_token"');
    expect(bad.status).toBe(401);
  });

  test("401: strangers are counted as on every face", async () => {
    const count = async () => {
      await settle();
      const [row] = await asOwner()`select coalesce(sum(count), 0)::int as n from security_events`;
      return row?.n as number;
    };
    const before = await count();
    await say(initialize);
    await say(initialize, { headers: { authorization: "Bearer nonsense" } });
    expect((await count()) - before).toBeGreaterThanOrEqual(2);
  });

  test("200: what is left of the allowance is said on every answer, and a read counts once", async () => {
    const left = ({ headers }: Reply) => Number(/"read";r=(\d+)/.exec(headers.ratelimit ?? "")?.[1]);
    const [first, second, third] = [
      await say(list, signed()),
      await say(calling("signals_list"), signed()),
      await say("{", signed()),
    ];
    expect([left(first) - left(second), left(second) - left(third)]).toEqual([1, 1]);
    const change = await say(calling("signals_ingest", aSignal()), signed());
    expect(change.headers).toMatchObject({
      ratelimit: expect.stringContaining('"write";r='),
      "cache-control": "no-store",
    });
  });

  test("429: a caller that has used up its reads is not heard", async () => {
    const now = new Date();
    const small = await startServer({ env: { RATE_READ: "2" }, redis: null, sources: { now: () => now } });
    const ask = () => rawMcp(small.url)(calling("signals_list"), signed());
    const answers = [await ask(), await ask(), await ask()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]).toMatchObject({
      headers: { "retry-after": expect.stringMatching(/^\d+$/), ratelimit: expect.stringContaining("r=0") },
      body: { code: "rate_limited" },
    });
  });

  test("403: a Host that isn't ours, and an Origin that isn't allowed", async () => {
    for (const host of ["evil.test", "dais.test.evil.test", "localhost.evil.test:3000"])
      expect(await say(list, signed({ host }))).toMatchObject({
        status: 403,
        body: { code: "origin_not_allowed", header: "host" },
      });
    for (const origin of ["https://evil.test", "null", "http://portal.dais.test"])
      expect(await say(list, signed({ origin }))).toMatchObject({
        status: 403,
        body: { code: "origin_not_allowed", header: "origin" },
      });
    for (const host of ["dais.test", "DAIS.test:8080", "localhost", "127.0.0.1:99", "[::1]:3000", "agents.dais.test"])
      expect(await say(list, signed({ host }))).toMatchObject({ status: 200 });
    for (const origin of ["https://portal.dais.test", "http://localhost:5173", "https://dais.test"])
      expect(await say(list, signed({ origin }))).toMatchObject({ status: 200 });
  });

  test("400: what is no acceptable JSON is a parse error that carries the problem", async () => {
    const deep = `${"[".repeat(65)}${"]".repeat(65)}`;
    for (const body of ["{", '{"id":1,"id":2}', deep, '{"__proto__":{}}', '"\\u0000"', ""]) {
      const refused = await say(body, signed());
      expect(refused).toMatchObject({ status: 400, body: { jsonrpc: "2.0", id: null, error: { code: -32700 } } });
      expect(refused.body.error.data.problem).toMatchObject({ status: 400, code: "malformed_json" });
    }
  });

  test("400: JSON that is no message, and several at once", async () => {
    for (const body of ["7", "null", "[]", "{}", JSON.stringify([list, list])])
      expect(await say(body, signed())).toMatchObject({ status: 400, body: { error: { code: -32600 } } });
  });

  test("413, 415: a body that is too large or of another type is a problem", async () => {
    const large = "x".repeat(10_000_000);
    for (const headers of [undefined, { "transfer-encoding": "chunked" }])
      expect(await say(large, signed(headers))).toMatchObject({ status: 413, body: { code: "payload_too_large" } });
    const text = await say(JSON.stringify(list), signed({ "content-type": "text/plain" }));
    expect(text).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
  });

  test("405: there is no stream to listen to and no session to end", async () => {
    for (const method of ["GET", "DELETE", "PUT"])
      expect(await say(null, { ...signed(), method })).toMatchObject({
        status: 405,
        headers: { allow: "POST, OPTIONS" },
      });
    expect(await say(null, { method: "OPTIONS" })).toMatchObject({ status: 204 });
  });

  test("202: a notification is taken; -32601: an unknown method isn't", async () => {
    expect(await say({ jsonrpc: "2.0", method: "notifications/initialized" }, signed())).toMatchObject({ status: 202 });
    expect((await say({ ...list, method: "prompts/list" }, signed())).body).toMatchObject({
      error: { code: -32601 },
    });
  });

  test("400: a revision that there isn't", async () => {
    const refused = await say(list, signed({ "mcp-protocol-version": "1999-01-01" }));
    expect(refused).toMatchObject({ status: 400, body: { error: { message: expect.stringContaining("2025-11-25") } } });
    const older = { ...initialize, params: { ...initialize.params, protocolVersion: "2024-11-05" } };
    expect((await say(older, signed())).body.result.protocolVersion).toBe("2025-11-25");
  });

  test("401: a key that is revoked while the body is on its way changes nothing any more", async () => {
    const api = restClient(url, key);
    const name = { name: "short-lived", kind: "client", permissions: ["signal.ingest"], clearance: "internal" };
    const { secret, id } = (await api.post("/api-keys", name)).body;
    const before = async () => {
      await new Promise((resolve) => setTimeout(resolve, 200)); // it has been let in by now
      expect(await api.post(`/api-keys/${id}/revoke`, {})).toMatchObject({ status: 200 });
    };
    const late = calling("signals_ingest", aSignal({ source: "too-late" }));
    const answer = await say(late, {
      headers: { authorization: `Bearer ${secret}`, "transfer-encoding": "chunked" },
      before,
    });
    expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
    expect(await asOwner()`select 1 from signals where source = 'too-late'`).toHaveLength(0);
  });

  test("400: in 2026-07-28, headers that say something else than the body", async () => {
    const { message, headers } = modern(calling("signals_list"));
    expect(await say(message, signed(headers))).toMatchObject({
      status: 200,
      body: { result: { resultType: "complete" } },
    });
    const other = await say(message, signed({ ...headers, "mcp-name": "signals_get" }));
    expect(other).toMatchObject({ status: 400, body: { id: 3, error: { code: -32020 } } });
  });

  test("200: in 2026-07-28, a subscription ends at once: nothing is ever announced", async () => {
    const params = { notifications: { toolsListChanged: true } };
    const { message, headers } = modern({ ...list, method: "subscriptions/listen", params });
    expect((await say(message, signed(headers))).body.text).toContain('"resultType":"complete"');
  });
});
