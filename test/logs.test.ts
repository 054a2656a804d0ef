import { afterEach, describe, expect, inject, test } from "vitest";
import { place } from "./support/place.ts";
import { spawnServer } from "./support/process.ts";
import { cleanUp } from "./support/programs.ts";
import { restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";

afterEach(cleanUp);

/** Every line that a server logs while `use` uses it. */
async function logged(use: (url: string, log: () => string) => Promise<void>): Promise<string> {
  let text = "";
  const server = await spawnServer({ env: { LOG_LEVEL: "debug" }, log: (line) => (text += `${line}\n`) });
  await use(server.url, () => text);
  await server.kill();
  return text;
}

describe("the log", () => {
  test("has a line for each request, with its id, and never a secret or what callers say", async () => {
    const here = await place();
    const key = await here.key();
    let made = "";
    const text = await logged(async (url, log) => {
      const api = restClient(url, key);
      await api.post("/signals", aSignal({ title: "whispered title" }), {
        "x-request-id": "request-known-1",
        cookie: "session=crumb",
      });
      made = (await api.post("/api-keys", { name: "k", permissions: ["signal.read"], clearance: "internal" })).body
        .secret;
      await restClient(url, `dais_${here.slug}_${"B".repeat(49)}`).get("/signals");
      await api.get("/signals?source=whispered-source");
      await api.post("/signals", "{ whispered broken json");
      await expect.poll(log).toContain('"status":400');
    });
    expect(text).toContain('"requestId":"request-known-1"');
    expect(text.match(/"msg":"request"/g)?.length).toBe(5);
    for (const secret of [key, made, "BBBBBBBB", "whispered", "crumb", String(inject("login").password)])
      expect(text).not.toContain(secret);
  });

  test("has no token of a link that acknowledges, however its address was written, nor what an issuer sent along; metrics neither", async () => {
    const here = await place();
    const token = "T0kenOfALink".repeat(4);
    const asked = [
      `/r/${here.slug}/${token}`,
      `/r/${here.slug}/${token}/`,
      `//r/${here.slug}/${token}`,
      `/R/x/${token}`,
    ];
    let metrics = "";
    const text = await logged(async (url, log) => {
      for (const path of asked) for (const method of ["GET", "POST"]) await fetch(url + path, { method });
      for (const path of ["%72/x/", "r%2Fx%2F", "x/r/x%2f"]) await fetch(`${url}/${path}${token}`);
      await fetch(`${url}/auth/callback?code=${token}&state=${token}`);
      const said = await (await fetch(`${url}/r/${here.slug}/${token}`, { method: "PUT" })).text();
      expect(JSON.parse(said)).toMatchObject({ status: 405, instance: expect.stringMatching(/^urn:dais:request:/) });
      metrics = await (await fetch(`${url}/metrics`)).text();
      await expect.poll(log).toContain('"path":"/metrics"');
    });
    expect(text.match(/"msg":"request"/g)?.length).toBe(14);
    expect(text).toContain(`"route":"/r/:slug/:token","path":"/r/${here.slug}/…"`);
    for (const told of [text, metrics]) expect(told).not.toContain("T0kenOfALink");
  });
});
