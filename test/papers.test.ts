import { execFile, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { docs } from "@dais/api/docs";
import { keyOf } from "@dais/demo/personas";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { makeAgent } from "./support/agents.ts";
import { asAdmin, letIn, startBearer } from "./support/bearer.ts";
import { asOwner } from "./support/owner.ts";
import { place } from "./support/place.ts";
import { cleanUp, scratchFolder } from "./support/programs.ts";
import { proposer } from "./support/proposals.ts";
import { startServer } from "./support/server.ts";
import { begin, urlOf } from "./support/started.ts";

const root = resolve(import.meta.dirname, "..");
const run = promisify(execFile);
const read = (path: string) => readFileSync(join(root, path), "utf8");
const papers = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "*.md"], {
  cwd: root,
  encoding: "utf8",
}).stdout;

/** The blocks of a paper that are marked `test`, in their order. */
const blocks = (path: string, language: string) =>
  [...read(path).matchAll(/^```(\w+) test\n(.*?)^```$/gms)].flatMap(([, of, text]) =>
    of === language ? [text as string] : [],
  );

/** Runs what a reader would paste into one shell, and answers with the status of each call in its order. */
async function pasted(text: string, curl: string, env: Record<string, string>): Promise<string[]> {
  const noted = `curl() { ${curl} -S -w '%{stderr}%{http_code}\\n' "$@"; }\nset -eu\n`;
  const { stderr } = await run("sh", ["-c", noted + text], { cwd: root, env: { ...process.env, ...env } });
  return stderr.match(/^\d{3}$/gm) ?? [];
}

let url: string;
beforeAll(async () => {
  url = (await startServer()).url;
});
const caller = async () => {
  const here = await place();
  // Somebody who can be asked to approve something, and be given something to do.
  await here.person({ roles: ["operational", "approver"] });
  return { DAIS_URL: url, DAIS_KEY: await here.key(), DAIS_AGENT_KEY: (await proposer(here)).key };
};

const standIn = ["its stand-in", `"${process.execPath}" test/support/curl.ts`] as const;
/** A machine may be without curl. Where it isn't, the stand-in, a process for each call, proves itself on the README alone. */
const curls = (path: string) =>
  spawnSync("curl", ["-V"]).error
    ? [standIn]
    : [["curl", "command curl"] as const, ...(path === "README.md" ? [standIn] : [])];

/** The same with what a page about programs needs: an issuer that gives out tokens, and an agent of somebody's. */
async function program() {
  const pages = (own: string) => docs({ openapi: read("contracts/openapi.json"), url: own, demo: null });
  const here = await startBearer({ server: { pages } });
  await letIn(here, here.program);
  const owner = await here.place.person();
  const permissions = ["signal.read"];
  const agentId = await makeAgent(asOwner(), here.place.tenantId, new Date(), { ownerId: owner.uuid, permissions });
  const made = { name: "its key", kind: "agent", agentId, permissions, clearance: "public" };
  const { secret } = (await (await asAdmin(here)).post("/api-keys", made)).body;
  return {
    DAIS_URL: here.url,
    DAIS_KEY: await here.place.key(),
    DAIS_AGENT_KEY: secret as string,
    DAIS_TOKEN_URL: `${here.issuer.url}/${here.tid}/oauth2/v2.0/token`,
    DAIS_API: here.api.uri,
    DAIS_CLIENT_ID: here.program.clientId,
    DAIS_CLIENT_SECRET: here.program.clientSecret,
  };
}

describe.each([
  "README.md",
  "docs/actions.md",
  "docs/amqp.md",
  "docs/api.md",
  "docs/approvals.md",
  "docs/briefings.md",
  "docs/communications.md",
  "docs/events.md",
  "docs/inbox.md",
  "docs/programs.md",
  "docs/proposals.md",
  "docs/signals.md",
  "docs/webhooks.md",
])("%s", (path) => {
  test.each(curls(path))("every line to paste does what it says, by %s", { timeout: 60_000 }, async (_, curl) => {
    const text = blocks(path, "sh").join("\n");
    const said = [...text.matchAll(/^# -> (\d{3})$/gm)].map(([, status]) => status);
    expect(said.length).toBeGreaterThan(2);
    const env = await (path === "docs/programs.md" ? program() : caller());
    expect(await pasted(text, curl, env)).toEqual(said);
    for (const code of blocks(path, "ts"))
      await run(process.execPath, ["--input-type=module-typescript", "--eval", code], {
        cwd: root,
        env: { ...process.env, ...env },
      });
  });

  test("has the demo's keys", () => {
    const keys = ["operations-officer", "agent"].map(keyOf);
    for (const [key] of read(path).matchAll(/dais_rimal_\w+/g)) expect(keys).toContain(key);
  });
});

describe("beside the demo", () => {
  let demo: ReturnType<typeof begin>;
  let home: string;
  beforeAll(async () => {
    home = scratchFolder();
    demo = begin(home, "apps/api/main.ts");
    await vi.waitFor(() => expect(demo.said()).toMatch(/Dais is ready/), { timeout: 90_000 });
  });
  afterAll(cleanUp);

  test.each([
    ["docs/walkthrough.md", ["agent", "auditor"]],
    ["docs/audit.md", ["auditor"]],
  ])("%s: pasted into a shell, it goes as it says", { timeout: 180_000 }, async (path, personas) => {
    const text = blocks(path, "sh").join("\n");
    const said = [...text.matchAll(/^# -> (\d{3})$/gm)].map(([, status]) => status);
    expect(said.length).toBeGreaterThan(2);
    const env = { DAIS_URL: urlOf(demo), DAIS_AGENT_KEY: keyOf("agent"), DAIS_AUDITOR_KEY: keyOf("auditor") };
    expect(await pasted(text, "command curl", { ...env, DAIS_HOME: home })).toEqual(said);
    for (const who of personas) expect(read(path)).toContain(keyOf(who));
  });
});

describe("docs/operating.md", () => {
  test("has every setting, and no other", () => {
    const sources = ["apps/api/config.ts", "apps/api/courier-settings.ts"].map(read).join("\n");
    const settings = [...sources.matchAll(/^ {2}([A-Z_]+): /gm)].map(([, name]) => name);
    const named = [...read("docs/operating.md").matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name);
    expect(named.sort()).toEqual(settings.sort());
  });

  test("has every metric", async () => {
    const page = await (await fetch(`${url}/metrics`)).text();
    for (const [, name] of page.matchAll(/^# TYPE (\w+)/gm)) expect(read("docs/operating.md")).toContain(`\`${name}\``);
  });
});

test.each(papers.trim().split("\n"))("%s: its links lead somewhere", (path) => {
  for (const [, target = ""] of read(path).matchAll(/\]\((?!https?:)([^)#\s]+)/g))
    expect(existsSync(resolve(root, dirname(path), target)), target).toBe(true);
});
