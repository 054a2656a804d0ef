import { problems } from "@dais/contracts";
import type { ProblemSpec } from "@dais/contracts/kit/problems";
import { type Context, Hono } from "hono";
import { type Asset, asset, serve } from "./pages/asset.ts";
import { asyncApi, eventSchemas } from "./pages/events.ts";
import { type Demo, frontPage } from "./pages/front.ts";
import { favicon, frameSheet, styleSheet } from "./pages/layout.ts";
import { liveScript } from "./pages/live.ts";
import { permissionsPage } from "./pages/permissions.ts";
import { asJson, problemEntry, problemPage, problemsPage, unknownProblemPage } from "./pages/problems.ts";
import { referencePage, scalarScript, startScript } from "./pages/reference.ts";

/** @param url The server's own origin, without a slash at the end. */
type Options = { openapi: string; url: string; demo: Demo | null };

/** The pages for people, and the document for machines. All are rendered once: they say what the contract says. */
export function docs({ openapi, url, demo }: Options): Hono {
  const app = new Hono();
  const fixed = (path: string, found: Asset) => app.get(path, (c) => serve(c, found));
  fixed("/", frontPage(url, demo));
  fixed("/openapi.json", asset("application/json", openapi));
  fixed("/asyncapi.json", asyncApi(url));
  for (const [path, schema] of eventSchemas(url)) fixed(path, schema);
  fixed("/permissions", permissionsPage());
  fixed("/live.js", liveScript);
  fixed("/style.css", styleSheet);
  fixed("/frame.css", frameSheet);
  fixed("/favicon.svg", favicon);
  fixed("/favicon.ico", favicon);
  reference(app);
  catalogue(app, url, examplesIn(openapi));
  return app;
}

/** Scalar's script is 4 MB: read when somebody first asks for the reference. */
function reference(app: Hono): void {
  let read: Promise<{ script: Asset; page: Asset }> | undefined;
  const assets = () => (read ??= scalarScript().then((script) => ({ script, page: referencePage(script) })));
  app.get("/reference", async (c) => serve(c, (await assets()).page));
  app.get("/reference/scalar.js", async (c) => serve(c, (await assets()).script));
  app.get("/reference/start.js", (c) => serve(c, startScript));
}

/** A problem's `type` leads here: a page, or the same as JSON for who asks for that. */
function catalogue(app: Hono, url: string, examples: Record<string, { value?: unknown }>): void {
  const entries = Object.entries<ProblemSpec>(problems).map(([code, spec]) => problemEntry(code, spec, url));
  const pages = new Map(
    entries.map((entry) => [entry.code, both(problemPage(entry, examples[entry.code]?.value), entry)]),
  );
  const all = both(problemsPage(), { items: entries });
  app.get("/problems", (c) => serve(c, wantsJson(c) ? all.json : all.page));
  app.get("/problems/:code", (c) => {
    const code = c.req.param("code");
    const found = pages.get(code);
    if (found) return serve(c, wantsJson(c) ? found.json : found.page);
    return wantsJson(c) ? c.notFound() : serve(c, unknownProblemPage(code), 404);
  });
}

const both = (page: Asset, value: unknown) => ({ page, json: asJson(value) });

/** A browser always names text/html; who doesn't, and names JSON, is a program. */
function wantsJson(c: Context): boolean {
  const accept = c.req.header("accept") ?? "";
  return /application\/(problem\+)?json/.test(accept) && !accept.includes("text/html");
}

const examplesIn = (openapi: string): Record<string, { value?: unknown }> =>
  (JSON.parse(openapi) as { components?: { examples?: Record<string, { value?: unknown }> } }).components?.examples ??
  {};
