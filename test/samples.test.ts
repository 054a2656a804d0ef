import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { docs } from "@dais/api/docs";
import { openApiDocument } from "@dais/documents/openapi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { rawMcp } from "./support/mcp.ts";
import { type Place, place } from "./support/place.ts";
import { cleanUp, scratchFolder } from "./support/programs.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { setPosture, withThings } from "./support/things.ts";

type Sample = { lang: string; label: string; source: string };
type Shown = {
  operationId: string;
  "x-codeSamples": Sample[];
  "x-mcp-tool"?: string;
  responses: Record<string, unknown>;
};
const { paths } = openApiDocument() as { paths: Record<string, Record<string, Shown>> };
const shown = Object.values(paths).flatMap((methods) => Object.values(methods));
const sourceOf = (operation: Shown, label: string) =>
  operation["x-codeSamples"].find((sample) => sample.label === label)?.source;

/** Their examples tell of a signal that somebody has acknowledged. */
const acknowledged = ["signals.dismiss", "signals.escalate"];

let url: string;
let folder: string;
const root = resolve(import.meta.dirname, "..");
const run = promisify(execFile);
beforeAll(async () => {
  url = (await startServer()).url;
  folder = scratchFolder();
});
afterAll(cleanUp);

/** An organisation of the sample's own, and its source with the ids of things that are there in the place of the example's. */
async function staged({ operationId }: Shown, source: string): Promise<{ key: string; source: string }> {
  const here: Place = await place();
  const key = await here.key();
  await setPosture(here, {});
  const home = { place: here, api: restClient(url, key) };
  const ids = [...new Set(source.match(/\b[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g))];
  const real = (await withThings(ids, home)) as string[];
  if (acknowledged.includes(operationId))
    for (const id of real) await home.api.post(`/signals/${id}/acknowledge`, { version: 1 });
  if (operationId === "signalGroups.split") {
    const group = real.find((id) => id.startsWith("sgr_"));
    const { items } = (await home.api.get(`/signal-groups/${group}/signals`)).body;
    real[ids.findIndex((id) => id.startsWith("sig_"))] = items[0].id;
  }
  return { key, source: ids.reduce((text, id, i) => text.replaceAll(id, real[i] as string), source) };
}

function documentedStatus({ responses }: Shown, status: number) {
  expect(Object.keys(responses)).toContain(String(status));
  expect(status).toBeLessThan(300);
}

test("every operation has a sample for the shell, for TypeScript, and where it is a tool for MCP", () => {
  for (const operation of shown)
    expect(
      operation["x-codeSamples"].map(({ label }) => label),
      operation.operationId,
    ).toEqual(operation["x-mcp-tool"] ? ["curl", "TypeScript", "MCP"] : ["curl", "TypeScript"]);
});

test("the reference shows these, and none that Scalar would make up", async () => {
  const start = await docs({ openapi: "{}", url, demo: null }).request("/reference/start.js");
  expect(await start.text()).toContain("hiddenClients: true");
});

describe("the curl sample runs as it is shown", () => {
  beforeAll(() => {
    // Not every machine has it.
    const bin = join(folder, "uuidgen");
    writeFileSync(bin, "#!/bin/sh\ncat /proc/sys/kernel/random/uuid\n");
    chmodSync(bin, 0o755);
  });

  test.each(shown)("$operationId", async (operation) => {
    const { key, source } = await staged(operation, sourceOf(operation, "curl") as string);
    const PATH = [process.env.PATH, folder].join(delimiter);
    const command = `${source} -w '\\n%{http_code}'`;
    const { stdout } = await run("sh", ["-c", command], { env: { PATH, DAIS_URL: url, DAIS_KEY: key } });
    const lines = stdout.split("\n");
    documentedStatus(operation, Number(lines.pop()));
    expect(() => JSON.parse(lines.join("\n"))).not.toThrow();
  });
});

describe("the TypeScript sample", () => {
  const name = (operation: Shown) => join(folder, `${operation.operationId}.ts`);
  beforeAll(async () => {
    mkdirSync(join(folder, "node_modules/@dais"), { recursive: true });
    symlinkSync(join(root, "packages/client"), join(folder, "node_modules/@dais/client"));
    symlinkSync(join(root, "node_modules/@types"), join(folder, "node_modules/@types"));
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    writeFileSync(
      join(folder, "tsconfig.json"),
      JSON.stringify({ extends: join(root, "tsconfig.json"), include: ["*.ts"] }),
    );
    for (const operation of shown) writeFileSync(name(operation), sourceOf(operation, "TypeScript") as string);
  });

  test("of every operation type-checks as it is shown", async () => {
    await run(join(root, "node_modules/.bin/tsc"), [], { cwd: folder }).catch((error) => expect.fail(error.stdout));
  });

  test("of every operation runs", async () => {
    // One process for all: what is tested is the code, not how it is started.
    const all = await Promise.all(
      shown.map(async (operation) => ({
        ...(await staged(operation, sourceOf(operation, "TypeScript") as string)),
        operation,
      })),
    );
    for (const { operation, source } of all) writeFileSync(name(operation), source);
    const steps = all.map(({ operation, key }) => [name(operation), key]);
    const program = `
      const statuses = [];
      const said = console.log;
      console.log = () => {};
      for (const [file, key] of ${JSON.stringify(steps)}) {
        process.env.DAIS_KEY = key;
        statuses.push(await import(file).then(() => 200, (error) => error.status ?? String(error)));
      }
      said(JSON.stringify(statuses));`;
    const env = { ...process.env, DAIS_URL: url };
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { env });
    const statuses = JSON.parse(stdout) as unknown[];
    const expected = shown.map(({ operationId }) => [operationId, 200]);
    expect(shown.map(({ operationId }, i) => [operationId, statuses[i]])).toEqual(expected);
  });
});

describe("the MCP sample is what the server takes", () => {
  test.each(shown.filter((operation) => operation["x-mcp-tool"]))("$operationId", async (operation) => {
    const { key, source } = await staged(operation, sourceOf(operation, "MCP") as string);
    const headers = { authorization: `Bearer ${key}`, "mcp-protocol-version": "2025-11-25" };
    const { status, body } = await rawMcp(url)(source, { headers });
    expect(status).toBe(200);
    expect(body.result.structuredContent).toBeTypeOf("object");
    expect(body.result.isError).toBeFalsy();
  });
});
