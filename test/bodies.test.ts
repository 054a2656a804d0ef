import { beforeAll, describe, expect, test } from "vitest";
import { place } from "./support/place.ts";
import { chunk, head, type RawReply, raw } from "./support/raw.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

let url: string;
let key: string;
let api: RestClient;

beforeAll(async () => {
  url = (await startServer({ env: { BODY_SECONDS: "1" } })).url;
  key = await (await place()).key();
  api = restClient(url, key);
});

describe("a body of another size, or pace", () => {
  const paths = ["/v1/signals", "/trpc/signals.ingest", "/mcp"];
  const all = {
    "content-type": "application/json",
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2025-11-25",
  };
  const request = (path: string, headers: Record<string, string | number>) =>
    head(`POST ${path}`, { authorization: `Bearer ${key}`, ...all, ...headers });
  const large = Array.from({ length: 160 }, () => "x".repeat(65_536)); // 10 MB
  const codeOf = (body: RawReply["body"]) => body.code ?? body.error?.data?.problem.code;
  const stillUp = async () => expect((await api.get("/signals?limit=1")).status).toBe(200);

  test.each(paths)("%s: 413 for 10 MB, announced, in chunks of no announced size, or only claimed", async (path) => {
    const sent = [
      [request(path, { "content-length": 160 * 65_536 }), ...large],
      [request(path, { "transfer-encoding": "chunked" }), ...large.map(chunk)],
      [request(path, { "content-length": 1024 ** 3 }), "{}"],
    ];
    for (const parts of sent) {
      const { status, body } = await raw(url, parts);
      expect([status, codeOf(body)]).toEqual([413, "payload_too_large"]);
      await stillUp();
    }
  });

  test.each(paths)("%s: 408 for a body that doesn't come", async (path) => {
    for (const parts of [
      [request(path, { "content-length": 100 }), '{"source":'],
      [request(path, { "transfer-encoding": "chunked" }), chunk('{"source":')],
    ]) {
      const { status, body } = await raw(url, parts);
      expect([status, codeOf(body)]).toEqual([408, "body_timeout"]);
    }
    await stillUp();
  });

  test("what is no HTTP is turned away before any face sees it", async () => {
    const flood = Object.fromEntries(Array.from({ length: 400 }, (_, n) => [`x-flood-${n}`, "y".repeat(100)]));
    expect((await raw(url, [request("/v1/signals", flood)])).status).toBe(431);
    expect((await raw(url, [head(`GET /v1/signals?source=${"x".repeat(20_000)}`, {})])).status).toBe(431);
    expect((await raw(url, [request("/v1/signals", { "content-length": "1, 2" })])).status).toBe(400);
    expect(
      (await raw(url, [request("/v1/signals", { "content-length": 2, "transfer-encoding": "chunked" }), "{}"])).status,
    ).toBe(400);
    expect((await raw(url, ["\u0016\u0003\u0001 this is TLS\r\n\r\n"])).status).toBe(400);
    await stillUp();
  });
});
