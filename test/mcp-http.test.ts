import { request } from "node:http";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";

let url: string;
let settle: () => Promise<void>;
let here: Place;
let key: string;
beforeAll(async () => {
  const env = { ALLOWED_HOSTS: "Agents.dais.test", CORS_ORIGINS: "https://portal.dais.test" };
  const started = await startServer({ env });
  url = started.url;
  settle = started.kernel.settle;
  here = await place();
  key = await here.key();
});

type Reply = { status: number; headers: Record<string, string | undefined>; body: Record<string, any> };

/** Says exactly this over HTTP: `fetch` would choose the Host itself. */
function say(body: string | object | null, headers: Record<string, string> = {}, method = "POST"): Promise<Reply> {
  const said = { accept: "application/json, text/event-stream", "content-type": "application/json", ...headers };
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const sent = request(`${url}/mcp`, { method, headers: said }, async (answer) => {
    const text = (await answer.toArray()).join("");
    const json = /json/.test(answer.headers["content-type"] ?? "");
    const plain = answer.headers as Reply["headers"];
    resolve({ status: answer.statusCode ?? 0, headers: plain, body: json ? JSON.parse(text) : { text } });
  });
  sent.on("error", reject);
  sent.end(body === null || typeof body === "string" ? body : JSON.stringify(body));
  return promise;
}
const signed = (more: Record<string, string> = {}) => ({ authorization: `Bearer ${key}`, ...more });

const initialize = {
  jsonrpc: "2.0",
  id: 1,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "test", version: "1" } },
};
const list = { jsonrpc: "2.0", id: 2, method: "tools/list" };
const calling = (name: string, args?: object) => ({
  jsonrpc: "2.0",
  id: 3,
  method: "tools/call",
  params: { name, arguments: args },
});

describe("the MCP face over HTTP", () => {
  test.each([["initialize", initialize], ["tools/list", list], ["tools/call", calling("signals_list")], ["a broken body", "{"]])(
    "401: %s needs a credential before anything else",
    async (_, body) => {
      const none = await say(body);
      expect(none).toMatchObject({ status: 401, body: { code: "unauthenticated", requestId: none.headers["x-request-id"] } });
      expect(none.headers).toMatchObject({ "content-type": "application/problem+json", "www-authenticate": 'Bearer realm="dais"' });
      const bad = await say(body, { authorization: "Bearer nonsense" });
      expect(bad.headers["www-authenticate"]).toBe('Bearer realm="dais", error="invalid_token"');
      expect(bad.status).toBe(401);
    },
  );

  test("401: strangers are counted as on every face", async () => {
    const count = async () => {
      await settle();
      const [row] = await asOwner()`select coalesce(sum(count), 0)::int as n from security_events`;
      return row?.n as number;
    };
    const before = await count();
    await say(initialize);
    await say(initialize, { authorization: "Bearer nonsense" });
    expect((await count()) - before).toBeGreaterThanOrEqual(2);
  });

  test("200: what is left of the allowance is said on every answer, and a read counts once", async () => {
    const left = ({ headers }: Reply) => Number(/"read";r=(\d+)/.exec(headers.ratelimit ?? "")?.[1]);
    const [first, second, third] = [await say(list, signed()), await say(calling("signals_list"), signed()), await say("{", signed())];
    expect([left(first) - left(second), left(second) - left(third)]).toEqual([1, 1]);
    const change = await say(calling("signals_ingest", aSignal()), signed());
    expect(change.headers).toMatchObject({ ratelimit: expect.stringContaining('"write";r='), "cache-control": "no-store" });
  });

  test("429: a caller that has used up its reads is not heard", async () => {
    const small = await startServer({ env: { RATE_READ: "2" } });
    const ask = () =>
      fetch(`${small.url}/mcp`, {
        method: "POST",
        headers: signed({ accept: "application/json, text/event-stream", "content-type": "application/json" }),
        body: JSON.stringify(calling("signals_list")),
      });
    const answers = [await ask(), await ask(), await ask()];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(answers[2]?.headers.get("retry-after")).toMatch(/^\d+$/);
    expect(await answers[2]?.json()).toMatchObject({ code: "rate_limited" });
  });

  test("403: a Host that isn't ours, and an Origin that isn't allowed", async () => {
    for (const host of ["evil.test", "dais.test.evil.test", ""])
      expect(await say(list, signed({ host }))).toMatchObject({ status: host ? 403 : 400 });
    expect((await say(list, signed({ host: "evil.test" }))).body).toMatchObject({ code: "forbidden", header: "host" });
    for (const origin of ["https://evil.test", "null", "http://portal.dais.test"])
      expect(await say(list, signed({ origin }))).toMatchObject({ status: 403, body: { code: "forbidden", header: "origin" } });
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
    const large = await say(JSON.stringify(calling("signals_list", { source: "x".repeat(10_000_000) })), signed()).catch((e) => e);
    if (!(large instanceof Error)) expect(large).toMatchObject({ status: 413, body: { code: "payload_too_large" } });
    expect((await say("{}", signed({ "content-length": "20000000" })).catch(() => null))?.status ?? 413).toBe(413);
    const text = await say(JSON.stringify(list), signed({ "content-type": "text/plain" }));
    expect(text).toMatchObject({ status: 415, body: { code: "unsupported_media_type" } });
  });

  test("405: there is no stream to listen to and no session to end", async () => {
    for (const method of ["GET", "DELETE", "PUT"])
      expect(await say(null, signed(), method)).toMatchObject({ status: 405, headers: { allow: "POST, OPTIONS" } });
    expect(await say(null, {}, "OPTIONS")).toMatchObject({ status: 204 });
  });

  test("202: a notification is taken; -32601: an unknown method isn't", async () => {
    expect(await say({ jsonrpc: "2.0", method: "notifications/initialized" }, signed())).toMatchObject({ status: 202 });
    expect((await say({ ...list, method: "resources/list" }, signed())).body).toMatchObject({ error: { code: -32601 } });
  });

  test("400: a revision that there isn't", async () => {
    const refused = await say(list, signed({ "mcp-protocol-version": "1999-01-01" }));
    expect(refused).toMatchObject({ status: 400, body: { error: { message: expect.stringContaining("2025-11-25") } } });
    const older = { ...initialize, params: { ...initialize.params, protocolVersion: "2024-11-05" } };
    expect((await say(older, signed())).body.result.protocolVersion).toBe("2025-11-25");
  });
});
