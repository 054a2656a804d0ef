import { events, operations, permissions, problems } from "@dais/contracts";
import { openApiDocument } from "@dais/documents/openapi";
import { describe, expect, test } from "vitest";
import { docs } from "../apps/api/docs.ts";

const openapi = JSON.stringify(openApiDocument());
const url = "https://dais.example";
const demo = { key: "dais_rimal_KEY", organisation: `<b>"Rimal" & Co</b>` };
const pages = docs({ openapi, url, demo });
const get = (path: string, headers: Record<string, string> = {}) => pages.request(path, { headers });
const text = async (path: string, headers?: Record<string, string>) => (await get(path, headers)).text();

describe.each(["/", "/problems", "/problems/busy", "/permissions", "/reference"])("GET %s", (path) => {
  test("200: is a whole HTML page in English", async () => {
    const answer = await get(path);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await answer.text()).toMatch(/^<!doctype html>\n<html lang="en">[\s\S]*<title>.*Dais<\/title>[\s\S]*<h1>/);
  });

  test("loads nothing from elsewhere, and runs no script that stands in the page", async () => {
    const policy = (await get(path)).headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy.match(/script-src [^;]*/)?.[0] ?? null).toBe(
      ["/", "/reference"].includes(path) ? "script-src 'self'" : null,
    );
    expect(policy.includes("'unsafe-inline'")).toBe(path === "/reference");
    const body = await text(path);
    expect(body).not.toMatch(/(src|href)="(https?:)?\/\//);
    expect(body).not.toMatch(/ style="| on\w+="|<style|<script(?! src="\/)/);
  });

  test("304: who has it doesn't get it again", async () => {
    const etag = (await get(path)).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    const again = await get(path, { "if-none-match": `"other", ${etag}` });
    expect([again.status, await again.text()]).toEqual([304, ""]);
  });

  test("every address of ours that it names answers", async () => {
    const links = [...(await text(path)).matchAll(/(?:src|href)="(\/[^"#]*)/g)].map(([, link]) => link as string);
    const elsewhere = ["/livez"];
    for (const link of new Set(links)) if (!elsewhere.includes(link)) expect((await get(link)).status, link).toBe(200);
  });
});

describe("the front page", () => {
  test("shows lines for each face with the demo's key", async () => {
    const body = await text("/");
    expect(body).toContain("curl -s &#39;https://dais.example/v1/signals?limit=3&#39;");
    expect(body.match(/Bearer dais_rimal_KEY/g)).toHaveLength(3);
  });

  test("without a demo no key is shown", async () => {
    const body = await (await docs({ openapi, url, demo: null }).request("/")).text();
    expect(body).toContain("Bearer $DAIS_KEY");
    expect(body).not.toContain("demo");
  });

  test("escapes what comes from the configuration", async () => {
    expect(await text("/")).toContain("&lt;b&gt;&quot;Rimal&quot; &amp; Co&lt;/b&gt;");
  });

  test("names every operation", async () => {
    const body = await text("/");
    expect([...operations.keys()].filter((path) => !body.includes(`<code>${path}</code>`))).toEqual([]);
  });
});

describe("what arrives on the front page", () => {
  const script = async () => {
    const path = (await text("/")).match(/<script src="([^"]+)" defer>/)?.[1] ?? "";
    return get(path);
  };

  test("is brought by a script of ours, which may ask nobody but us", async () => {
    const answer = await script();
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/javascript; charset=utf-8"]);
    expect(answer.headers.get("cache-control")).toContain("immutable");
    expect((await get("/")).headers.get("content-security-policy")).toContain("connect-src 'self'");
  });

  test("is text: the script makes no markup of it", async () => {
    const source = await (await script()).text();
    expect(() => new Function(source)).not.toThrow();
    expect(source).toContain("textContent");
    expect(source).not.toMatch(/innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|setAttribute/);
  });

  test("is signals, and what becomes of the posture", async () => {
    const source = await (await script()).text();
    const [, states = ""] = /\.\.\.\[([^\]]*)\]\.map\(\(one\) => "posture\." \+ one\)/.exec(source) ?? [];
    const names = [...states.matchAll(/"(\w+)"/g)].map(([, state]) => `posture.${state}`);
    expect(["signal.ingested", ...names].filter((name) => !events.has(name))).toEqual([]);
    expect(names).toHaveLength(5);
    expect(source).toContain('"signal.ingested"');
  });

  test("is not missed without a script, and who may sign in is told only where there are people", async () => {
    expect(await text("/")).toContain('<section id="live" hidden>');
    const withPeople = docs({ openapi, url, demo: { ...demo, people: true } });
    const body = await (await withPeople.request("/")).text();
    expect(body).toContain('<section id="live" hidden data-sign-in="/auth/sign-in?returnTo=/">');
  });
});

describe("GET /problems/{code}", () => {
  test.each(Object.entries(problems))("200: %s has a page with its meaning and remedy", async (code, spec) => {
    const answer = await get(`/problems/${code}`);
    expect(answer.status).toBe(200);
    const words = (html: string) =>
      html
        .replace(/<[^>]+>/g, "")
        .replaceAll("&#39;", "'")
        .replaceAll("&quot;", '"')
        .replaceAll("&amp;", "&");
    const body = words(await answer.text());
    for (const part of [
      code,
      spec.title,
      `HTTP ${spec.status}`,
      spec.meaning.replaceAll("`", ""),
      spec.remedy.replaceAll("`", ""),
    ])
      expect(body).toContain(part);
  });

  test("200: a program gets the same as JSON", async () => {
    const answer = await get("/problems/signal_changed", { accept: "application/json" });
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(answer.headers.get("vary")).toContain("Accept");
    expect(await answer.json()).toMatchObject({
      code: "signal_changed",
      type: "https://dais.example/problems/signal_changed",
      status: 412,
      operations: expect.arrayContaining(["signals.acknowledge", "signals.dismiss", "signals.escalate"]),
    });
  });

  test("200: a browser, which takes JSON too, gets the page", async () => {
    const accept = "text/html,application/xhtml+xml,application/json;q=0.9";
    expect((await get("/problems/busy", { accept })).headers.get("content-type")).toBe("text/html; charset=utf-8");
  });

  test("404: a code that isn't in the catalogue, escaped", async () => {
    const answer = await get("/problems/%3Cscript%3Ealert(1)%3C%2Fscript%3E");
    expect(answer.status).toBe(404);
    const body = await answer.text();
    expect(body).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(body).not.toContain("<script>");
    expect((await get("/problems/constructor")).status).toBe(404);
    expect((await get("/problems/nope", { accept: "application/json" })).status).toBe(404);
  });

  test("GET /problems as JSON is the whole catalogue", async () => {
    const { items } = (await (await get("/problems", { accept: "application/json" })).json()) as {
      items: { code: string }[];
    };
    expect(items.map(({ code }) => code)).toEqual(Object.keys(problems));
  });
});

describe("what machines fetch", () => {
  test("/openapi.json is the document, word for word", async () => {
    const answer = await get("/openapi.json");
    expect(answer.headers.get("content-type")).toBe("application/json");
    expect(await answer.text()).toBe(openapi);
  });

  test("a zipped form has an ETag of its own, and says that it is zipped", async () => {
    const plain = await get("/openapi.json");
    const zipped = await get("/openapi.json", { "accept-encoding": "br, gzip" });
    expect(zipped.headers.get("content-encoding")).toBe("gzip");
    expect(zipped.headers.get("etag")).not.toBe(plain.headers.get("etag"));
    expect((await get("/openapi.json", { "accept-encoding": "gzip;q=0" })).headers.get("content-encoding")).toBeNull();
  });

  test("the reference's script is ours, and may be kept for ever at its own address", async () => {
    const script = /src="(\/reference\/scalar\.js\?v=[^"]+)"/.exec(await text("/reference"))?.[1] ?? "";
    const answer = await get(script);
    expect(answer.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
    expect(answer.headers.get("cache-control")).toContain("immutable");
    expect((await get("/reference/scalar.js")).headers.get("cache-control")).toBe("no-cache");
  });

  test("Scalar is told to fetch no font, send no telemetry, and offer nothing of its maker's", async () => {
    const start = await text("/reference/start.js");
    for (const setting of [
      "withDefaultFonts: false",
      "telemetry: false",
      "agent: { disabled: true }",
      "mcp: { disabled: true }",
    ])
      expect(start).toContain(setting);
    expect(start).not.toMatch(/https?:|proxyUrl/);
  });
});

test("GET /permissions has every permission and what it allows", async () => {
  const body = await text("/permissions");
  expect(Object.keys(permissions).filter((permission) => !body.includes(`<code>${permission}</code>`))).toEqual([]);
});
