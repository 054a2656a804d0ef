import { execFile, spawn } from "node:child_process";
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { docs } from "@dais/api/docs";
import type { Server } from "@dais/api/server";
import { subscriptions } from "@dais/contracts";
import { openApiDocument } from "@dais/documents/openapi";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authorized } from "./support/credential.ts";
import { rawMcp } from "./support/mcp.ts";
import { afterwards, cleanUp, scratchFolder } from "./support/programs.ts";
import { startServer } from "./support/server.ts";
import { type Staged, staged } from "./support/staged.ts";
import { frontOf } from "./support/staged-front.ts";
import { until } from "./support/streams.ts";
import { make } from "./support/things.ts";

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
  operation["x-codeSamples"].find((sample) => sample.label === label)?.source as string;
const [streams, calls] = [true, false].map((is) =>
  shown.filter(({ operationId }) => subscriptions.has(operationId) === is),
) as [Shown[], Shown[]];

let server: Server;
let url: string;
let folder: string;
const root = resolve(import.meta.dirname, "..");
const run = promisify(execFile);
beforeAll(async () => {
  server = await startServer();
  url = await frontOf(server.url);
  folder = scratchFolder();
});
afterAll(cleanUp);

const stage = (operation: Shown, label: string) =>
  staged(server.url, operation.operationId, sourceOf(operation, label));

function documentedStatus({ responses }: Shown, status: number) {
  expect(Object.keys(responses)).toContain(String(status));
  expect(status).toBeLessThan(300);
}

/** What became of it: whether anything was changed, how much was ended, the state it led to; of what an output says, where its example does. */
function outcome({ example }: Staged, output: unknown) {
  const shown = Object.entries((example?.output ?? {}) as Record<string, unknown>);
  const names = shown.filter(([name, of]) => ["changed", "ended", "state"].includes(name) && typeof of !== "object");
  return Object.fromEntries(names.map(([name]) => [name, (output as Record<string, unknown> | null)?.[name]]));
}

/** What a program that follows a stream says, until it has told that a signal was acknowledged. Then it is stopped. */
async function heardBy({ home, credential }: Staged, command: string, args: string[], env: object): Promise<string> {
  const credentials = { DAIS_URL: url, DAIS_KEY: credential };
  const reader = spawn(command, args, { env: { ...env, ...credentials }, stdio: ["ignore", "pipe", "inherit"] });
  afterwards(() => reader.kill("SIGKILL"));
  let said = "";
  reader.stdout.on("data", (bytes) => (said += bytes));
  await until(() => server.kernel.streams() === 1);
  const id = await make("sig", home);
  await home.api.post(`/signals/${id}/acknowledge`, { version: 1 });
  await until(() => said.includes(id));
  reader.kill("SIGTERM");
  await until(() => server.kernel.streams() === 0);
  return said;
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

  const tools = () => ({ PATH: [process.env.PATH, folder].join(delimiter) });

  test.each(calls)("$operationId", async (operation) => {
    const scene = await stage(operation, "curl");
    const command = `${scene.source} -w '\\n%{http_code}'`;
    const env = { ...tools(), DAIS_URL: url, DAIS_KEY: scene.credential };
    const { stdout } = await run("sh", ["-c", command], { env });
    const lines = stdout.split("\n");
    documentedStatus(operation, Number(lines.pop()));
    const output = JSON.parse(lines.join("\n"));
    expect(outcome(scene, output)).toEqual(outcome(scene, scene.example?.output));
  });

  test.each(streams)("$operationId: until it is stopped", async (operation) => {
    const scene = await stage(operation, "curl");
    const said = await heardBy(scene, "sh", ["-c", `exec ${scene.source} -i --max-time 20`], tools());
    documentedStatus(operation, Number(/^HTTP\/1.1 (\d+)/.exec(said)?.[1]));
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
    const scenes = await Promise.all(calls.map((operation) => stage(operation, "TypeScript")));
    const steps = scenes.map(({ source, credential }, n) => {
      const file = name(calls[n] as Shown);
      writeFileSync(file, source);
      return [file, credential];
    });
    // One process for all: what is tested is the code, not how it is started.
    const program = `
      const outputs = [];
      const say = console.log;
      let said;
      console.log = (output) => { said = output; };
      for (const [file, key] of ${JSON.stringify(steps)}) {
        process.env.DAIS_KEY = key;
        outputs.push(await import(file).then(() => said, (error) => ({ refused: String(error) })));
      }
      say(JSON.stringify(outputs));`;
    const env = { ...process.env, DAIS_URL: url };
    const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { env, maxBuffer: 2 ** 24 });
    const outputs = JSON.parse(stdout) as { refused?: string }[];
    const told = (output: unknown, n: number) => outcome(scenes[n] as Staged, output);
    const outcomes = outputs.map((output, n) => [calls[n]?.operationId, output.refused ?? told(output, n)]);
    expect(outcomes).toEqual(calls.map(({ operationId }, n) => [operationId, told(scenes[n]?.example?.output, n)]));
  });

  test.each(streams)("$operationId: tells what happens, until it is stopped", async (operation) => {
    const scene = await stage(operation, "TypeScript");
    writeFileSync(name(operation), scene.source);
    expect(await heardBy(scene, process.execPath, [name(operation)], process.env)).toContain("signal.acknowledged");
  });
});

describe("the MCP sample is what the server takes", () => {
  test.each(shown.filter((operation) => operation["x-mcp-tool"]))("$operationId", async (operation) => {
    const scene = await stage(operation, "MCP");
    const headers = { ...authorized(scene.credential), "mcp-protocol-version": "2025-11-25" };
    const { status, body } = await rawMcp(server.url)(scene.source, { headers });
    expect(status).toBe(200);
    expect(body.result.structuredContent).toBeTypeOf("object");
    expect(body.result.isError).toBeFalsy();
    expect(outcome(scene, body.result.structuredContent)).toEqual(outcome(scene, scene.example?.output));
  });
});
