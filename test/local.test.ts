import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { readConnection } from "@dais/local/connection";
import { claim, running } from "@dais/local/instance";
import { freePort } from "@dais/local/port";
import { connectTo, type PostgresConnection, startPostgres } from "@dais/local/postgres";
import { runningPostmaster, until } from "@dais/local/postmaster";
import { findRedis } from "@dais/local/redis";
import { afterEach, describe, expect, it, vi } from "vitest";
import { afterwards, cleanUp, program, scratchFolder } from "./support/programs.ts";

afterEach(async () => {
  vi.unstubAllEnvs();
  await cleanUp();
});

const postgres = 'import { startPostgres } from "@dais/local/postgres";';
const instance = 'import { claim } from "@dais/local/instance";';

describe("local.startPostgres", () => {
  it("keeps committed data when the server is killed", async () => {
    const dir = scratchFolder();
    const first = await startIn(dir);
    await ask(first.connection, "create table kept as select 42 as answer");
    process.kill(first.pid, "SIGKILL");
    const second = await startIn(dir);
    expect(second).toMatchObject({ reused: false, dataDir: first.dataDir });
    expect(second.pid).not.toBe(first.pid);
    expect(await ask(second.connection, "select answer from kept")).toEqual([{ answer: 42 }]);
  });

  it("starts one server for two who ask at once", async () => {
    const dir = scratchFolder();
    const [one, other] = await Promise.all([startIn(dir), startIn(dir)]);
    expect(other.pid).toBe(one.pid);
    expect([one.reused, other.reused].sort()).toEqual([false, true]);
  });

  it("finds the server that another process left running", async () => {
    const dir = scratchFolder();
    const left = program(`${postgres} console.log((await startPostgres({ dir: ${JSON.stringify(dir)} })).pid)`);
    const pid = Number(await left.line());
    await left.end;
    expect(await startIn(dir)).toMatchObject({ pid, reused: true });
  });

  it("isn't kept out by a pid file whose number belongs to somebody else by now", async () => {
    const dir = scratchFolder();
    const first = await startIn(dir);
    const file = join(first.dataDir, "postmaster.pid");
    const stale = readFileSync(file, "utf8").replace(/^\d+/, `${process.pid}`);
    await first.stop();
    writeFileSync(file, stale, { mode: 0o600 });
    expect((await startIn(dir)).reused).toBe(false);
  });

  it("stops a server that it found, and stopping twice does no harm", async () => {
    const dir = scratchFolder();
    await startIn(dir);
    const again = await startIn(dir);
    await again.stop();
    await again.stop();
    expect(runningPostmaster(again.dataDir)).toBeUndefined();
  });

  it("keeps off the network, sorts alike on every machine, and takes the caller's settings", async () => {
    const { connection } = await startIn(scratchFolder(), { name: "Other name", settings: { work_mem: "9MB" } });
    const access =
      "select current_setting('listen_addresses') as network, current_setting('unix_socket_permissions') as mode";
    expect(await ask(connection, access)).toEqual([{ network: "", mode: "0700" }]);
    const locale =
      "select 'a' < 'B' as alphabetical, upper('é') as upper, current_setting('server_encoding') as encoding";
    expect(await ask(connection, locale)).toEqual([{ alphabetical: false, upper: "É", encoding: "UTF8" }]);
    const given = "select current_database() as name, current_setting('work_mem') as setting";
    expect(await ask(connection, given)).toEqual([{ name: "Other name", setting: "9MB" }]);
  });

  it("says in its own words why a server can't start", async () => {
    const start = startIn(scratchFolder(), { settings: { max_connections: "lots" } });
    await expect(start).rejects.toThrow(/Postgres did not start: .*max_connections/);
  });

  it("ends a temporary server whose owner was killed, at the next temporary start", async () => {
    const owner = program(
      `${postgres} console.log((await startPostgres({ temporary: true })).dataDir); setInterval(() => {}, 1000)`,
    );
    const data = await owner.line();
    expect(runningPostmaster(data)).toBeDefined();
    owner.kill("SIGKILL");
    await owner.end;
    const next = await startPostgres({ temporary: true });
    afterwards(() => next.stop());
    expect(runningPostmaster(data)).toBeUndefined();
    expect(() => readFileSync(join(data, "PG_VERSION"))).toThrow("ENOENT");
  });

  it("ends a temporary server with its owner when that exits without a word", async () => {
    const owner = program(
      `${postgres} console.log((await startPostgres({ temporary: true })).dataDir); process.exit(0)`,
    );
    const data = await owner.line();
    await owner.end;
    expect(await until(() => !runningPostmaster(data), 10)).toBe(true);
  });
});

describe("local.claim", () => {
  it("shows the second who has the folder and where it answers", async () => {
    const dir = scratchFolder();
    const first = program(
      `${instance} claim(${JSON.stringify(dir)}).tell("http://127.0.0.1:1"); console.log("claimed"); setInterval(() => {}, 1000)`,
    );
    await first.line();
    const by = { pid: first.pid, url: "http://127.0.0.1:1", since: expect.stringMatching(/^\d{4}-.*Z$/) };
    expect(claim(dir)).toEqual({ claimed: false, by });
    expect(running(dir)).toEqual(by);
  });

  it("takes over from a process that was killed", async () => {
    const dir = scratchFolder();
    const first = program(
      `${instance} claim(${JSON.stringify(dir)}); console.log("claimed"); setInterval(() => {}, 1000)`,
    );
    await first.line();
    first.kill("SIGKILL");
    await first.end;
    expect(running(dir)).toBeUndefined();
    expect(claim(dir).claimed).toBe(true);
    expect(running(dir)?.pid).toBe(process.pid);
  });

  it("takes over when the number of the dead process belongs to another one by now", () => {
    const dir = scratchFolder();
    writeFileSync(join(dir, "instance.json"), JSON.stringify({ pid: process.pid, started: 1, since: "" }));
    expect(claim(dir).claimed).toBe(true);
  });

  it("takes over a file that a power failure left empty", () => {
    const dir = scratchFolder();
    writeFileSync(join(dir, "instance.json"), "");
    expect(claim(dir).claimed).toBe(true);
  });

  it("is won by exactly one of many who find the same dead holder at once", async () => {
    const dir = scratchFolder();
    writeFileSync(join(dir, "instance.json"), JSON.stringify({ pid: process.pid, started: 1, since: "" }));
    const race = `${instance} process.stdin.once("data", () => console.log(claim(${JSON.stringify(dir)}).claimed)); console.log("ready")`;
    const runners = Array.from({ length: 8 }, () => program(race));
    await Promise.all(runners.map((runner) => runner.line()));
    for (const runner of runners) runner.write("go\n");
    const answers = await Promise.all(runners.map((runner) => runner.line()));
    expect(answers.filter((answer) => answer === "true")).toHaveLength(1);
  });

  it("is free again once released", () => {
    const dir = scratchFolder();
    const first = claim(dir);
    if (first.claimed) first.release();
    expect(running(dir)).toBeUndefined();
    expect(claim(dir).claimed).toBe(true);
  });
});

describe("local.freePort", () => {
  it.each(["127.0.0.1", "0.0.0.0", "::"])("passes over a port that somebody listens on at %s", async (host) => {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, host, listening));
    afterwards(() => new Promise((closed) => server.close(closed)));
    const { port } = server.address() as { port: number };
    expect(await freePort(port)).toBeGreaterThan(port);
  });
});

describe("local.findRedis", () => {
  it("takes the configured one before all others", async () => {
    vi.stubEnv("REDIS_URL", "redis://elsewhere:1");
    expect((await findRedis()).url).toBe("redis://elsewhere:1");
  });
});

describe("local.readConnection", () => {
  it("reads JSON and URLs alike", () => {
    const connection = { host: "db.example", port: 5432, username: "me", password: "p@ss", database: "dais" };
    expect(readConnection(JSON.stringify(connection))).toEqual(connection);
    expect(readConnection("postgres://me:p%40ss@db.example/dais")).toEqual(connection);
    expect(readConnection("postgresql://me@%2Frun%2Fpg:6000/dais?sslmode=require")).toEqual({
      host: "/run/pg",
      port: 6000,
      username: "me",
      database: "dais",
      ssl: "require",
    });
  });
});

async function startIn(dir: string, options: { name?: string; settings?: Record<string, string> } = {}) {
  const server = await startPostgres({ dir, ...options });
  afterwards(() => server.stop("immediate"));
  return server;
}

async function ask(connection: PostgresConnection, question: string): Promise<object[]> {
  const sql = connectTo(connection);
  try {
    return [...(await sql.unsafe(question))];
  } finally {
    await sql.end();
  }
}
