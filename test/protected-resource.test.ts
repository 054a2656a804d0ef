import { Client, StreamableHTTPClientTransport, UnauthorizedError } from "@modelcontextprotocol/client";
import { beforeAll, describe, expect, test } from "vitest";
import { asAdmin, type Bearer, knownPerson, letIn, startBearer } from "./support/bearer.ts";
import { newBrowser, walk } from "./support/browser.ts";
import { answerOf } from "./support/issuer.ts";
import { calling } from "./support/mcp.ts";
import type { Person } from "./support/people.ts";
import { startServer } from "./support/server.ts";

/** A desktop program without a secret, as somebody would have registered it in the directory. */
const desktop = { clientId: crypto.randomUUID(), redirectUris: ["http://127.0.0.1/callback"] };
const wellKnown = "/.well-known/oauth-protected-resource";

let here: Bearer;
let layla: Person;
let programId: string;
beforeAll(async () => {
  here = await startBearer({ clients: [desktop] });
  layla = await knownPerson(here, here.layla.oid);
  programId = await letIn(here, desktop);
});

describe("what says where tokens come from (RFC 9728)", () => {
  test.each(["", "/v1", "/trpc", "/mcp"])(
    "the document of %j names the resource, the issuer and the scope",
    async (face) => {
      const response = await fetch(`${here.url}${wellKnown}${face}`);
      expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
      expect(await response.json()).toEqual({
        resource: `${here.url}${face}`,
        authorization_servers: [here.issuer.issuerOf(here.tid)],
        scopes_supported: [`${here.api.uri}/access`],
        bearer_methods_supported: ["header"],
        resource_name: "Dais",
        resource_documentation: `${here.url}/reference`,
      });
      expect(response.headers.get("access-control-allow-origin")).toBe("*");
      expect((await fetch(`${here.url}${wellKnown}${face}`, { method: "POST" })).status).toBe(405);
    },
  );

  test("every 401 of a face says where its document is, with what it said before", async () => {
    const said = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(`${here.url}${path}`, init);
      return [response.status, response.headers.get("www-authenticate")];
    };
    const bad = { headers: { authorization: "Bearer a.b.c" } };
    const at = (face: string) => `resource_metadata="${here.url}${wellKnown}${face}"`;
    expect(await said("/v1/me")).toEqual([401, `Bearer realm="dais", ${at("/v1")}`]);
    expect(await said("/v1/me", bad)).toEqual([401, `Bearer realm="dais", error="invalid_token", ${at("/v1")}`]);
    expect(await said("/trpc/me.get", bad)).toEqual([401, expect.stringContaining(at("/trpc"))]);
    const post = { method: "POST", body: JSON.stringify(calling("me_get", {})) };
    expect(await said("/mcp", post)).toEqual([401, `Bearer realm="dais", ${at("/mcp")}`]);
    const admin = await asAdmin(here);
    const stale = await (await here.place.person()).session();
    const { headers } = await admin.post(
      "/roles/map",
      { kind: "app_role", value: "x", role: "auditor" },
      {
        cookie: `__Host-dais_session=${stale.split(":")[1]}`,
      },
    );
    expect(headers.get("www-authenticate")).toContain('error="insufficient_claims"');
    expect(headers.get("www-authenticate")).toContain(at("/v1"));
  });

  test("where no issuer is configured there is nothing to say", async () => {
    const { url } = await startServer();
    expect((await fetch(`${url}${wellKnown}`)).status).toBe(404);
    expect((await fetch(`${url}/v1/me`)).headers.get("www-authenticate")).toBe('Bearer realm="dais"');
  });
});

/** What an MCP client keeps: nothing of it is ours. The person's browser goes where it is sent. */
function keeper(redirectUrl: string) {
  const kept = new Map<string, unknown>();
  const keep = (name: string) => (value: unknown) => void kept.set(name, value);
  const grants = ["authorization_code", "refresh_token"];
  return {
    kept,
    redirectUrl,
    clientMetadata: { client_name: "A desktop program", redirect_uris: [redirectUrl], grant_types: grants },
    clientInformation: () => ({ client_id: desktop.clientId }),
    tokens: () => kept.get("tokens") as never,
    saveTokens: keep("tokens"),
    saveCodeVerifier: keep("verifier"),
    codeVerifier: () => kept.get("verifier") as string,
    saveDiscoveryState: keep("discovery"),
    discoveryState: () => kept.get("discovery") as never,
    redirectToAuthorization: keep("url"),
    state: () => "a state of the program's",
  };
}

describe("a stock MCP client that knows nothing but the address", () => {
  const callback = "http://127.0.0.1:49152/callback";

  test("finds the issuer by itself, has the person sign in there, and calls a tool for the person", async () => {
    const provider = keeper(callback);
    const transport = () => new StreamableHTTPClientTransport(new URL(`${here.url}/mcp`), { authProvider: provider });
    const client = () => new Client({ name: "desktop", version: "1" });

    const first = transport();
    await expect(client().connect(first)).rejects.toThrow(UnauthorizedError);
    const asked = provider.kept.get("url") as URL;
    expect(asked.origin).toBe(new URL(here.issuer.url).origin);
    expect(asked.searchParams.get("resource")).toBe(`${here.url}/mcp`);
    expect(asked.searchParams.get("scope")).toContain(`${here.api.uri}/access`);

    const page = await walk(asked.href, ["Layla Al Marri"], newBrowser({ stopAt: callback }));
    const { code = "", iss, state } = answerOf(page);
    expect(state).toBe("a state of the program's");
    await first.finishAuth(new URLSearchParams({ code, ...(iss && { iss }) }));

    const mine = client();
    await mine.connect(transport());
    const { tools } = await mine.listTools();
    expect(tools.map(({ name }) => name)).toContain("me_get");
    const { structuredContent } = await mine.callTool({ name: "me_get", arguments: {} });
    expect(structuredContent).toMatchObject({ actor: { id: layla.id, kind: "user" }, clearance: "internal" });
    await mine.close();
  });

  test("with a token of another API it is sent back to the issuer, and not let in", async () => {
    const provider = keeper(callback);
    const wrong = await here.persons({ scope: "api://elsewhere/access" });
    provider.saveTokens({ access_token: wrong, token_type: "Bearer", issuer: here.issuer.issuerOf(here.tid) });
    const transport = new StreamableHTTPClientTransport(new URL(`${here.url}/mcp`), { authProvider: provider });
    await expect(new Client({ name: "desktop", version: "1" }).connect(transport)).rejects.toThrow(UnauthorizedError);
    expect(provider.kept.get("url")).toBeInstanceOf(URL);
  });

  test("401: an application that was shut out gets a token, and nothing for it", async () => {
    const token = await here.persons({ client: desktop });
    const status = async () =>
      (await fetch(`${here.url}/v1/me`, { headers: { authorization: `Bearer ${token}` } })).status;
    expect(await status()).toBe(200);
    await (await asAdmin(here)).post(`/programs/${programId}/disable`);
    expect(await status()).toBe(401);
    await (await asAdmin(here)).post(`/programs/${programId}/enable`);
    expect(await status()).toBe(200);
  });
});
