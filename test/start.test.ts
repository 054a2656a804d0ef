import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "@dais/api/config";
import { demoId } from "@dais/demo/fixed";
import { falak } from "@dais/demo/organisations";
import { keyOf } from "@dais/demo/personas";
import { seed } from "@dais/demo/seed";
import { drizzle } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { dropDatabase, testDatabase } from "./support/database.ts";
import { afterwards, cleanUp, scratchFolder } from "./support/programs.ts";
import { verifier } from "./support/proof/cli.ts";
import { begin, curl, left, type Program, unfinishedRequest, urlOf, urlOfDatabase } from "./support/started.ts";

const main = "apps/api/main.ts";
const unreachable = "postgres://someone:s3cret@127.0.0.1:1/nothing";
const asked = { "--organisation": "rimal", "--name": "x", "--permissions": "signal.read", "--clearance": "public" };
let home: string;

beforeAll(() => {
  home = scratchFolder();
});
afterAll(cleanUp);

describe("readConfig", () => {
  it("says one sentence for each bad value, and never the value", () => {
    const bad = {
      PORT: "s3cret",
      DATABASE_URL: "mysql://s3cret@db",
      REDIS_URL: "s3cret",
      CURSOR_SECRET: "s3cret",
      DEMO: "s3cret",
    };
    const sentences = message(() => readConfig(bad)).split("\n");
    expect(sentences.map((each) => each.split(" ")[0])).toEqual([
      "PORT",
      "DATABASE_URL",
      "REDIS_URL",
      "DEMO",
      "CURSOR_SECRET",
    ]);
    expect(sentences.join()).not.toContain("s3cret");
    expect(sentences.every((each) => /^[A-Z_]+ (must|is) .+\.$/.test(each))).toBe(true);
  });

  it("says in production what is missing, and wants no demo there", () => {
    expect(message(() => readConfig({ NODE_ENV: "production", DEMO: "true" })).split("\n")).toEqual([
      "DATABASE_URL must be set in production.",
      "PUBLIC_URL must be set in production.",
      "CURSOR_SECRET must be set in production.",
      "SEAL_KEYS must be set in production.",
      "DEMO can't be true in production: its keys are public.",
    ]);
  });
});

describe("npm start without any settings", () => {
  let first: Program;
  let second: Program;

  beforeAll(async () => {
    first = begin(home, main);
    second = begin(home, main);
    await Promise.all([first.says(/Dais is r.+/), second.says(/Dais is r.+/)]);
  });

  it("serves once where two start at once; the other says where, and leaves with 0", async () => {
    const [serving, leaving] = first.said().includes("Ctrl-C") ? [first, second] : [second, first];
    [first, second] = [serving, leaving];
    expect(await leaving.end).toBe(0);
    expect(leaving.said()).toContain(`Dais is running already: ${urlOf(serving)} (process ${serving.pid}, since `);
  });

  it("says what stands behind it", () => {
    expect(first.said()).toContain("Postgres: embedded (DATABASE_URL is not set)");
    expect(first.said()).toContain("Redis: none (REDIS_URL is not set)");
  });

  it("prints lines that work as they are", async () => {
    const lines = first
      .said()
      .split("\n")
      .filter((each) => each.startsWith("curl ") && !each.includes("proof.json"));
    const answers = [];
    for (const line of lines) answers.push(await curl(line));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 201, 200]);
    const [listed, same, tools, reported, acknowledged] = answers.map(({ body }) => body);
    expect(listed.items).toHaveLength(3);
    expect(same.result.data.items).toEqual(listed.items);
    expect(tools.result.tools.map(({ name }: { name: string }) => name)).toContain("signals_list");
    expect(reported).toMatchObject({ changed: true, signal: { state: "new" } });
    expect(acknowledged).toMatchObject({ state: "acknowledged", version: 2 });
  });

  it("prints the address of a proof, and the command that checks it", async () => {
    const line = first
      .said()
      .match(/^curl .* > proof\.json && npm run verify -- proof\.json --key '.*'$/m)?.[0] as string;
    const [, fetches, vkey] = /^(.*) > proof\.json && .* --key '(.*)'$/.exec(line) as unknown as [
      string,
      string,
      string,
    ];
    const { status, body } = await curl(fetches);
    expect(status).toBe(200);
    const path = join(scratchFolder(), "proof.json");
    writeFileSync(path, JSON.stringify(body));
    expect(await verifier([path, "--key", vkey])).toMatchObject({
      ...{ status: 0, stdout: expect.stringMatching(/^Proven: entry \d+ of localhost:\d+\/audit\/rimal\n/) },
    });
    expect((await verifier([path, "--key", vkey, "--json"])).stdout).toContain('"operation":"signals.acknowledge"');
  });

  it("keeps the secret of its cursors for its owner", () => {
    const folder = readdirSync(home).find((name) => /^[0-9a-f]{8}$/.test(name)) as string;
    expect(statSync(join(home, folder, "cursor-secret")).mode & 0o777).toBe(0o600);
  });

  it("makes keys while it runs: npm run key", async () => {
    const made = begin(home, "scripts/key.ts", {}, Object.entries(asked).flat());
    expect(await made.end).toBe(0);
    const text = made.said().match(/^dais_rimal_\w+$/m)?.[0];
    const answer = await fetch(`${urlOf(first)}/v1/signals?limit=1`, { headers: { authorization: `Bearer ${text}` } });
    expect(answer.status).toBe(200);
  });

  it("makes no key of what doesn't exist, and says so", async () => {
    const wrong = [
      ["--permissions", "signal.read,signal.fly", "No such permission: signal.fly."],
      ["--organisation", "nobody", "No such organisation: nobody."],
      ["--clearance", "top", "No such clearance: top."],
      ["--agent", "robot", "--agent: "],
      ["--name", "", "Missing: --name."],
    ] as const;
    const tries = wrong.map(async ([flag, value, sentence]) => {
      const made = begin(home, "scripts/key.ts", {}, Object.entries({ ...asked, [flag]: value }).flat());
      expect(await made.end).toBe(1);
      expect(made.said()).toContain(sentence);
    });
    await Promise.all(tries);
  });

  it("ends on SIGTERM with 0, also when it is told twice, and leaves nothing behind", async () => {
    const revoke = `${urlOf(first)}/v1/api-keys/${demoId("key", "p3")}/revoke`;
    const headers = { authorization: `Bearer ${keyOf("administrator")}` };
    expect((await fetch(revoke, { method: "POST", headers })).status).toBe(200);
    first.kill("SIGTERM");
    first.kill("SIGINT");
    expect(await first.end).toBe(0);
    expect(left(home)).toEqual([]);
  });

  it("starts again with what was there, also where a demo key was revoked; a second signal, later, ends it at once", async () => {
    const again = begin(home, main);
    await again.says(/Ctrl-C/);
    expect(again.said()).not.toContain("running since an earlier start");
    expect(again.said()).toContain("signals.list as operations-officer answered unauthenticated");
    expect(again.said()).toContain("Make a key with: npm run key");
    const request = await unfinishedRequest(urlOf(again), keyOf("integration"));
    again.kill("SIGINT");
    await new Promise((done) => setTimeout(done, 1200));
    expect(await Promise.race([again.end, "still waiting for the request"])).toBe("still waiting for the request");
    again.kill("SIGINT");
    expect(await again.end).toBe(130);
    request.destroy();
    await expect.poll(() => left(home)).toEqual([]);
  });
});

describe("npm start with a vendor", () => {
  const vendor = {
    ...{ TWILIO_ACCOUNT_SID: `AC${"0".repeat(32)}`, TWILIO_AUTH_TOKENS: "s3cret", TWILIO_SMS_FROM: "+12025550100" },
    TWILIO_URL: "http://127.0.0.1:1",
  };

  it("loads no demo, also with the Postgres that it brings", async () => {
    const own = scratchFolder();
    const program = begin(own, main, vendor);
    await program.says(/Ctrl-C/);
    expect(program.said()).toContain("Messages: go out by the vendors of the settings.");
    expect(program.said()).toContain("Make a key with: npm run key");
    const authorization = `Bearer ${keyOf("operations-officer")}`;
    expect((await fetch(`${urlOf(program)}/v1/signals`, { headers: { authorization } })).status).toBe(401);
    program.kill("SIGTERM");
    expect(await program.end).toBe(0);
  });

  it("says one sentence and leaves with 1 where an earlier start has loaded it, also half of it", async () => {
    const connection = await testDatabase(inject("postgres"));
    afterwards(() => dropDatabase(connection));
    const sql = postgres({ ...connection, connection: { role: "dais_app" }, max: 1 });
    await seed(drizzle(sql), falak);
    await sql.end();
    const env = { ...vendor, DATABASE_URL: urlOfDatabase(connection), REDIS_URL: inject("redis") };
    const refused = begin(home, main, env);
    expect(await refused.end).toBe(1);
    expect(refused.said()).toMatch(/^The demo is in this database, and vendors are to carry messages: .+\.\n$/);
    const kept = begin(home, main, { ...env, DAIS_COURIERS: "standin" });
    await kept.says(/Ctrl-C/);
    kept.kill("SIGTERM");
    expect(await kept.end).toBe(0);
  });
});

describe("npm start with a database of its own", () => {
  it("serves twice where two start at once, and loads the demo once", async () => {
    const connection = await testDatabase(inject("postgres"), inject("template"));
    afterwards(() => dropDatabase(connection));
    const env = {
      DATABASE_URL: urlOfDatabase(connection),
      DEMO: "true",
      REDIS_URL: inject("redis"),
      AMQP_URL: "amqp://mq.test",
    };
    const both = [begin(home, main, env), begin(home, main, env)];
    await Promise.all(both.map((each) => each.says(/Ctrl-C/)));
    expect(new Set(both.map(urlOf)).size).toBe(2);
    expect(both[0]?.said()).toContain("AMQP: the broker of AMQP_URL");
    const sql = postgres({ ...connection, max: 1 });
    const [row] = await sql`select count(*)::int as n from audit where resource_type = 'signal' and event = 'ingest'`;
    await sql.end();
    expect(row?.n).toBe(163);
    for (const each of both) each.kill("SIGTERM");
    expect(await Promise.all(both.map(({ end }) => end))).toEqual([0, 0]);
  });

  it.each([
    [
      "a Postgres that is away",
      { DATABASE_URL: unreachable },
      /^Can't use the Postgres of DATABASE_URL \(127\.0\.0\.1:1\)/,
    ],
    [
      "an owner without a database",
      { DATABASE_OWNER_URL: unreachable },
      /^DATABASE_OWNER_URL is set without DATABASE_URL/,
    ],
    ["production without settings", { NODE_ENV: "production" }, /^DATABASE_URL must be set in production\./],
  ])("says one sentence and leaves with 1: %s", async (_, env, sentence) => {
    const refused = begin(home, main, env);
    expect(await refused.end).toBe(1);
    expect(refused.said()).toMatch(sentence);
    expect(refused.said()).not.toMatch(/s3cret| at .*\.ts/);
  });

  it("says that Redis is away, and leaves with 1", async () => {
    const refused = begin(home, main, {
      DATABASE_URL: urlOfDatabase(inject("postgres")),
      REDIS_URL: "redis://:s3cret@127.0.0.1:1",
    });
    expect(await refused.end).toBe(1);
    expect(refused.said()).toMatch(/^The Redis of REDIS_URL can't be reached\./);
  });
});

function message(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  return "";
}
