import { execFile } from "node:child_process";
import { cpSync, realpathSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { type Place, place } from "./support/place.ts";
import { cleanUp, scratchFolder } from "./support/programs.ts";
import { startServer } from "./support/server.ts";

const root = resolve(import.meta.dirname, "..");
const generators = join(root, "test/generators/node_modules");
const document = join(root, "contracts/openapi.json");
const run = async (folder: string, command: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(command, args, { cwd: folder })).stdout;

let url: string;
let here: Place;
beforeAll(async () => {
  url = (await startServer()).url;
  here = await place();
});
afterEach(cleanUp);

const input = `{
  source: "generated", title: "Flood Watch", severity: "severe", category: "met", classification: "internal",
  occurredAt: "2026-01-06T04:00:00.000Z", reportedAt: "2026-01-06T03:58:00.000Z",
}`;
const start = `const [url = "", key = ""] = process.argv.slice(2);
const input = ${input} as const;
const header = { "Idempotency-Key": "generated-1" };
`;

/** Type-checks a program against what was generated beside it, runs it, and answers with what it says. */
async function tried(folder: string, program: string): Promise<Record<string, unknown>> {
  writeFileSync(join(folder, "program.ts"), program);
  writeFileSync(join(folder, "node.d.ts"), "declare const process: { argv: string[] };\n");
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  const strict = { strict: true, noUncheckedIndexedAccess: true, rewriteRelativeImportExtensions: true, outDir: "out" };
  const compilerOptions = { ...strict, module: "nodenext", lib: ["es2024", "dom", "dom.iterable"], types: [] };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["**/*.ts"] }));
  await run(folder, join(root, "node_modules/.bin/tsc")).catch((error) => expect.fail(error.stdout));
  return JSON.parse(await run(folder, process.execPath, "out/program.js", url, await here.key()));
}

const expected = (id: unknown) => ({
  statuses: [201, 201, 200, 200, 412],
  replayed: "true",
  listed: [id],
  state: "acknowledged",
  problem: { code: "signal_changed", version: 2 },
  field: "/query/limit",
});

describe("a client generated from openapi.json", () => {
  test("openapi-typescript with openapi-fetch: type-checks, and works", async () => {
    const folder = scratchFolder();
    // Else it takes a field with a default for one that has to be sent.
    await run(
      folder,
      join(generators, ".bin/openapi-typescript"),
      document,
      "-o",
      "schema.ts",
      "--default-non-nullable=false",
    );
    const fetcher = realpathSync(join(generators, "openapi-fetch"));
    for (const name of ["openapi-fetch", "openapi-typescript-helpers"])
      cpSync(realpathSync(join(fetcher, "..", name)), join(folder, "node_modules", name), { recursive: true });
    const said = await tried(
      folder,
      `import createClient from "openapi-fetch";
import type { components, paths } from "./schema.ts";
${start}
const dais = createClient<paths>({ baseUrl: \`\${url}/v1\`, headers: { authorization: \`Bearer \${key}\` } });
const made = await dais.POST("/signals", { body: input, params: { header } });
const again = await dais.POST("/signals", { body: input, params: { header } });
if (!made.data) throw new Error(made.error.detail);
const signal: components["schemas"]["Signal"] = made.data.signal;
const path = { id: signal.id };
const list = await dais.GET("/signals", { params: { query: { state: ["new", "dismissed"], source: "generated" } } });
const done = await dais.POST("/signals/{id}/acknowledge", { params: { path }, body: { version: signal.version } });
const late = await dais.POST("/signals/{id}/dismiss", { params: { path, header: { "If-Match": '"1"' } }, body: { reason: "Late." } });
const wrong = await dais.GET("/signals", { params: { query: { limit: 0 } } });
// @ts-expect-error: no such filter
void (() => dais.GET("/signals", { params: { query: { states: ["new"] } } }));
// @ts-expect-error: no such code
void (late.error?.code === "signal_chnged");
console.log(JSON.stringify({
  id: signal.id,
  statuses: [made, again, list, done, late].map(({ response }) => response.status),
  replayed: again.response.headers.get("idempotency-replayed"),
  listed: list.data?.items.map(({ id }) => id),
  state: done.data?.state,
  problem: late.error?.code === "signal_changed" && late.error,
  field: wrong.error?.code === "invalid_input" && wrong.error.errors?.[0]?.pointer,
}));
`,
    );
    expect(said).toMatchObject(expected(said.id));
  });

  test("@hey-api/openapi-ts: type-checks, and works", async () => {
    const folder = scratchFolder();
    await run(folder, join(generators, ".bin/openapi-ts"), "-i", document, "-o", "dais", "-c", "@hey-api/client-fetch");
    const said = await tried(
      folder,
      `import { client } from "./dais/client.gen.ts";
import { signalsAcknowledge, signalsDismiss, signalsIngest, signalsList } from "./dais/sdk.gen.ts";
import type { Signal } from "./dais/types.gen.ts";
${start}
client.setConfig({ baseUrl: \`\${url}/v1\`, auth: key });
const made = await signalsIngest({ body: input, headers: header });
const again = await signalsIngest({ body: input, headers: header });
if (!made.data) throw new Error(made.error.detail);
const signal: Signal = made.data.signal;
const path = { id: signal.id };
const list = await signalsList({ query: { state: ["new", "dismissed"], source: "generated" } });
const done = await signalsAcknowledge({ path, body: { version: signal.version } });
const late = await signalsDismiss({ path, headers: { "If-Match": '"1"' }, body: { reason: "Late." } });
const wrong = await signalsList({ query: { limit: 0 } });
// @ts-expect-error: no such filter
void (() => signalsList({ query: { states: ["new"] } }));
// @ts-expect-error: no such code
void (late.error?.code === "signal_chnged");
console.log(JSON.stringify({
  id: signal.id,
  statuses: [made, again, list, done, late].map(({ response }) => response?.status),
  replayed: again.response?.headers.get("idempotency-replayed"),
  listed: list.data?.items.map(({ id }) => id),
  state: done.data?.state,
  problem: late.error?.code === "signal_changed" && late.error,
  field: wrong.error?.code === "invalid_input" && wrong.error.errors?.[0]?.pointer,
}));
`,
    );
    expect(said).toMatchObject(expected(said.id));
  });
});
