import { beforeAll, describe, expect, test } from "vitest";
import { testOrigin as ours } from "./support/credential.ts";
import { type Identity, startIdentity } from "./support/identity.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { inSession, json, session, sessionCookie, submit, visit } from "./support/visits.ts";

describe("CSRF: a command by cookie", () => {
  let here: Identity;
  let url: string;
  let home: Place;
  let cookie: string;
  let key: string;
  beforeAll(async () => {
    here = await startIdentity();
    url = (await startServer({ env: { CORS_ORIGINS: "https://portal.example" } })).url;
    home = await place();
    const person = await home.person({ roles: ["operational"] });
    cookie = `${sessionCookie}=${(await person.session()).slice("session:".length)}`;
    key = `Bearer ${await home.key()}`;
  });

  type Asked = { status: number; code: string | null };
  const type = { "content-type": "application/json" };
  const send = async (path: string, headers: Record<string, string>, body?: unknown) => {
    const text = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
    const answer = await visit(`${url}${path}`, { ...text, headers: { ...type, ...headers } });
    return { status: answer.status, json: JSON.parse(answer.body) };
  };
  const faces = {
    rest: async (headers: Record<string, string>): Promise<Asked> => {
      const { status, json } = await send("/v1/signals", headers, aSignal());
      return { status, code: json.code ?? null };
    },
    rpc: async (headers: Record<string, string>): Promise<Asked> => {
      const { status, json } = await send("/trpc/signals.ingest", headers, aSignal());
      return { status, code: json.error?.data.problem.code ?? null };
    },
    mcp: async (headers: Record<string, string>): Promise<Asked> => {
      const params = { name: "signals_ingest", arguments: aSignal() };
      const all = { ...headers, accept: "application/json, text/event-stream", "mcp-protocol-version": "2025-11-25" };
      const { status, json } = await send("/mcp", all, { jsonrpc: "2.0", id: 1, method: "tools/call", params });
      const code = json.code ?? (json.result.isError ? json.result.structuredContent.code : null);
      return { status: code === "origin_not_allowed" ? 403 : status, code };
    },
  };
  const count = async () => {
    const [row] = await asOwner()`select count(*)::int as n from signals where tenant_id = ${home.tenantId}`;
    return row?.n as number;
  };

  const foreign: [string, Record<string, string>][] = [
    ["another site's page", { origin: "https://evil.example" }],
    [
      "another site's page, with our word put beside it",
      { origin: "https://evil.example", "sec-fetch-site": "same-origin" },
    ],
    ["a sandboxed page", { origin: "null" }],
    ["our host over another port", { origin: `${ours}:8443` }],
    ["our host over https", { origin: ours.replace("http:", "https:") }],
    ["a host that begins like ours", { origin: `${ours}.evil.example` }],
    ["a cross-site request without an Origin", { "sec-fetch-site": "cross-site" }],
    ["a sibling host without an Origin", { "sec-fetch-site": "same-site" }],
    ["nothing that a page would send", { "sec-fetch-site": "none" }],
    ["whoever doesn't say", {}],
  ];
  const known: [string, Record<string, string>][] = [
    ["our page", { origin: ours }],
    ["our page, in a browser that says it the new way only", { "sec-fetch-site": "same-origin" }],
    ["a page of an origin that is configured", { origin: "https://portal.example", "sec-fetch-site": "cross-site" }],
  ];

  test.each(Object.entries(faces))("403 over %s from anywhere but our pages, and nothing is done", async (_, face) => {
    const before = await count();
    for (const [from, headers] of foreign)
      expect([from, await face({ cookie, ...headers })]).toEqual([from, { status: 403, code: "origin_not_allowed" }]);
    expect(await count()).toBe(before);
    for (const [from, headers] of known)
      expect([from, (await face({ cookie, ...headers })).code]).toEqual([from, null]);
    expect(await count()).toBe(before + known.length);
  });

  test("what is refused is on record under the person", async () => {
    const own = await startServer();
    const somewhere = await place();
    const person = await somewhere.person();
    const text = (await person.session()).slice("session:".length);
    const headers = { ...type, cookie: `${sessionCookie}=${text}`, origin: "https://evil.example" };
    const answer = await visit(`${own.url}/v1/signals`, { method: "POST", body: JSON.stringify(aSignal()), headers });
    expect(answer.status).toBe(403);
    await own.kernel.settle();
    expect(await somewhere.trail()).toEqual([
      expect.objectContaining({ outcome: "refused", problem: "origin_not_allowed", actor_id: person.id }),
    ]);
  });

  test("reading is as free as ever: what another page may read, the browser decides", async () => {
    for (const [, headers] of foreign) {
      expect((await send("/v1/signals", { cookie, ...headers })).status).toBe(200);
      expect((await send("/trpc/signals.list?input=%7B%7D", { cookie, ...headers })).status).toBe(200);
    }
    expect((await send("/v1/signals", { cookie, origin: "https://evil.example" })).status).toBe(200);
  });

  test("a key is sent by nobody's browser: it may come from anywhere", async () => {
    for (const [, headers] of foreign) {
      expect((await faces.rest({ authorization: key, ...headers })).status).toBe(201);
      expect((await faces.rpc({ authorization: key, ...headers })).status).toBe(200);
    }
    const cross = { authorization: key, "sec-fetch-site": "cross-site" };
    expect(await faces.mcp(cross)).toEqual({ status: 200, code: null });
  });

  test.each(["sign-out", "choose"])("403: /auth/%s is for forms of our own pages", async (name) => {
    const { jar, text } = await session(here);
    const tried = `${here.url}/auth/${name}`;
    for (const origin of [
      "https://evil.example",
      "null",
      `${here.url}.evil.example`,
      here.url.replace("http:", "https:"),
    ]) {
      const answer = await submit(tried, { choice: "x" }, { jar, headers: { origin, ...json } });
      expect([origin, answer.status, JSON.parse(answer.body).code]).toEqual([origin, 403, "origin_not_allowed"]);
    }
    const silent = await visit(tried, { method: "POST", jar, headers: json });
    expect([silent.status, JSON.parse(silent.body).code]).toEqual([403, "origin_not_allowed"]);
    expect((await inSession(here, text).get("/me")).status).toBe(200);
  });

  test("413, 415: a form may be of a form's type and size only", async () => {
    const out = `${here.url}/auth/sign-out`;
    const huge = await submit(out, { x: "x".repeat(200_000) }, { headers: json });
    const typed = { ...json, origin: here.url, "content-type": "application/json" };
    const other = await visit(out, { method: "POST", body: "{}", headers: typed });
    const channel = { method: "POST", body: new URLSearchParams({ logout_token: "x".repeat(200_000) }) };
    const statuses = [huge.status, other.status, (await visit(`${here.url}/auth/back-channel-logout`, channel)).status];
    expect(statuses).toEqual([413, 415, 413]);
  });
});
