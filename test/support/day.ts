import { createClient, isProblem } from "@dais/client";
import { operations } from "@dais/contracts";
import { permissionsOf } from "@dais/contracts/roles/builtIn";
import { background } from "@dais/modules";
import { expect } from "vitest";
import { makeAgent } from "./agents.ts";
import { unprinted } from "./background.ts";
import { authorized } from "./credential.ts";
import { type Face, overMcp, overRest, type Said } from "./faces/speak.ts";
import { asOwner } from "./owner.ts";
import { place } from "./place.ts";
import type { startServer } from "./server.ts";

type Server = Awaited<ReturnType<typeof startServer>>;
/** People by what they are, the agent that drafts, the program that reports at night, and the one that sets the organisation up. */
export type Who =
  | "executive"
  | "chief"
  | "security"
  | "officer"
  | "controller"
  | "auditor"
  | "agent"
  | "feed"
  | "setup";
// biome-ignore lint/suspicious/noExplicitAny: what each operation answers, its contract says.
export type Output = Record<string, any>;
type More = { proven?: boolean; idempotencyKey?: string };

/** tRPC as a portal speaks it: by the typed client. */
export const overClient: Face = async (url, { operation, input, key, idempotencyKey }) => {
  const client = createClient({ url, headers: authorized(key) }) as unknown as Calls;
  const [capability, name] = operation.path.split(".") as [string, string];
  const procedure = client[capability]?.[name];
  const context = idempotencyKey === null ? {} : { context: { idempotencyKey } };
  try {
    const call = operation.kind === "query" ? procedure?.query : procedure?.mutate;
    return { output: (await call?.(input, context)) ?? {} };
  } catch (error) {
    if (!isProblem(error)) throw error;
    return { problem: error.problem };
  }
};
type Call = (input: object, options: object) => Promise<Record<string, unknown>>;
type Calls = Record<string, Record<string, { query: Call; mutate: Call }>>;

/** What is natural to each: agents speak MCP, the portal at the desk tRPC, phones and programs REST. */
const natural: Record<Who, Face> = {
  ...{ executive: overClient, chief: overClient, security: overClient, auditor: overClient },
  ...{ officer: overRest, controller: overRest, feed: overRest, setup: overRest, agent: overMcp },
};
export const ways: Record<string, (who: Who) => Face> = {
  "each over the face that is natural to them": (who) => natural[who],
  "over REST": () => overRest,
  "over tRPC": () => overClient,
  "over MCP": () => overMcp,
};

/** An organisation on a day of its own, in which whoever is in it speaks over a face. `clock` is the server's. */
export async function company({ url, kernel }: Server, clock: { now: Date }, faceOf: (who: Who) => Face) {
  const here = await place({ now: clock.now });
  const person = (name: string, roles: string[], clearance = "secret") => here.person({ name, roles, clearance });
  const people = {
    executive: await person("Mariam", ["executive", "approver"]),
    chief: await person("Yousef", ["operational", "approver"]),
    security: await person("Noura", ["operational", "approver"]),
    officer: await person("Layla", ["operational"], "confidential"),
    controller: await person("Omar", ["executive"], "internal"),
    auditor: await person("Hessa", ["auditor"]),
  };
  // More than its role: an agent decides nothing, whatever its key says.
  const permissions = [...permissionsOf("agent"), "briefing.approve", "posture.confirm"];
  const its = { ownerId: people.officer.uuid, permissions, clearance: "internal" };
  const agentId = await makeAgent(asOwner(), here.tenantId, clock.now, its);
  const keys: Partial<Record<Who, string>> = {
    agent: await here.key({ permissions, clearance: "internal", agent: { id: agentId } }),
    feed: await here.key({ permissions: permissionsOf("integration") }),
    setup: await here.key(),
  };
  const names = new Map<string, string>([
    [agentId, "agent"],
    ...Object.entries(people).map(([who, { id }]) => [id, who] as const),
  ]);

  /** One call. A session has just proven a second factor where the operation asks for it, unless told otherwise. */
  async function call(who: Who, path: string, input: object, more: More = {}): Promise<Said> {
    const operation = operations.get(path) ?? expect.fail(`there is no ${path}`);
    const proven = more.proven ?? operation.meta.assurance !== undefined;
    const openedAt = clock.now.getTime();
    const key = keys[who] ?? (await people[who as keyof typeof people].session({ proven, openedAt }));
    const request = {
      operation,
      input: input as Output,
      key,
      idempotencyKey: more.idempotencyKey ?? null,
      ifMatch: false,
    };
    // What isn't a tool, a program asks for over REST.
    return (await faceOf(who)(url, request)) ?? ((await overRest(url, request)) as Said);
  }
  async function say(who: Who, path: string, input: object = {}, more: More = {}): Promise<Output> {
    const said = await call(who, path, input, more);
    if ("problem" in said) throw new Error(`${path} by ${who}: ${JSON.stringify(said.problem)}`);
    return said.output;
  }
  /** The code of the problem that a call meets. */
  async function refused(who: Who, path: string, input: object = {}, more: More = {}): Promise<unknown> {
    const said = await call(who, path, input, more);
    return "problem" in said ? said.problem.code : expect.fail(`${path} by ${who} was done`);
  }
  /** What the server does by the clock, each minute. */
  async function minute(): Promise<void> {
    const { jobs } = background({ fetchFeed: async () => expect.fail("no feed is due"), print: unprinted });
    for (const name of ["briefingRequests.start", "terms.overdue"]) {
      const job = jobs.find((one) => one.name === name) ?? expect.fail(`nobody does ${name}`);
      const run = (ctx: Parameters<typeof job.run>[0]) => job.run(ctx, {}, { id: "", position: null }, undefined);
      const work = { name: job.name, action: job.action, quiet: true as const, run };
      await kernel.perform(work, { tenantId: here.tenantId, requestId: "by-the-clock" }, undefined);
    }
  }
  /** What waits for each of them, by kind: who has nothing isn't named, and what is overdue is marked. */
  async function inboxes(): Promise<Inboxes> {
    const all: Inboxes = {};
    for (const who of Object.keys(people) as (keyof typeof people)[]) {
      const { items } = await say(who, "inbox.counts");
      const counts = items.map(({ kind, waiting, overdue }: Count) => [overdue ? `${kind}, overdue` : kind, waiting]);
      if (counts.length > 0) all[who] = Object.fromEntries(counts);
    }
    return all;
  }
  let known: Inboxes = {};
  /** A step of the day: before it each inbox is as the step before has left it, and afterwards it is as said. */
  async function step<T>(does: () => Promise<T>, after: Inboxes = {}): Promise<T> {
    expect(await inboxes()).toEqual(known);
    const done = await does();
    expect(await inboxes()).toEqual(after);
    known = after;
    return done;
  }
  return { here, people, agentId, names, say, refused, minute, step };
}
type Count = { kind: string; waiting: number; overdue: number };
export type Inboxes = Partial<Record<Who, Record<string, number>>>;
export type Company = Awaited<ReturnType<typeof company>>;
