import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { contract, operations, permissions } from "@dais/contracts";
import type { Operation } from "@dais/contracts/kit/derive";
import { beforeAll, describe, expect, test } from "vitest";
import { place } from "./support/place.ts";
import { proposer } from "./support/proposals.ts";
import { restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { call, type Home, inputOf, kindOf, make, withThings } from "./support/things.ts";

const all = [...operations.values()];
const some = (fits: (operation: Operation) => boolean) =>
  all.filter(fits).map((operation) => [operation.path, operation] as const);
const every = some(() => true);
const root = resolve(import.meta.dirname, "..");

let url: string;
let here: Home & { key: string };
let there: Home;
/** An administrator who has just proven a second factor. */
let proven: string;
let agent: string;
let registered: string;

const home = async () => {
  const its = await place();
  const key = await its.key();
  return { place: its, key, api: restClient(url, key) };
};

beforeAll(async () => {
  url = (await startServer()).url;
  [here, there] = [await home(), await home()];
  agent = await here.place.key({ kind: "agent" });
  registered = (await proposer(here.place)).key;
  proven = await (await here.place.person({ roles })).session({ proven: true });
});

/** Who may do everything that only a person does. */
const roles = ["admin", "approver"];

/** What only a person may do is called by one; everything else by a key. */
const callerOf = ({ meta }: Operation) =>
  meta.assurance !== null ||
  ["me_person_only", "contact_person_only", "person_required"].some((code) => meta.problems.includes(code))
    ? proven
    : here.key;

describe("every operation: who may call", () => {
  test.each(every)("%s: 401 without a credential, and with one that is none", async (_, operation) => {
    const input = await inputOf(operation, here);
    const wrong = [
      null,
      "nonsense",
      "x".repeat(4001),
      `dais_${here.place.slug}_${"A".repeat(49)}`,
      `${here.key.slice(0, -1)}!`,
    ];
    for (const key of wrong) {
      const answer = await call(url, key, operation, input);
      expect(answer).toMatchObject({ status: 401, body: { code: "unauthenticated" } });
      expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer realm="dais"/);
    }
    expect((await call(url, null, operation, input, { authorization: `Basic ${here.key}` })).status).toBe(401);
  });

  test.each(some(({ meta }) => meta.permission !== null))(
    "%s: 403 forbidden with every permission but its own",
    async (_, operation) => {
      const others = Object.keys(permissions).filter((one) => one !== operation.meta.permission);
      const answer = await call(
        url,
        await here.place.key({ permissions: others }),
        operation,
        await inputOf(operation, here),
      );
      expect(answer).toMatchObject({ status: 403, body: { code: "forbidden", permission: operation.meta.permission } });
    },
  );

  test.each(some(({ meta }) => meta.assurance !== null))(
    "%s: 403 person_required for a key, 401 step_up_required for a person without a recent second factor",
    async (_, operation) => {
      const input = await inputOf(operation, here);
      expect((await call(url, here.key, operation, input)).body.code).toBe("person_required");
      const { maxAgeSeconds = 0 } = operation.meta.assurance ?? {};
      const person = await here.place.person({ roles });
      for (const when of [false, (maxAgeSeconds + 1) * 1000] as const) {
        const answer = await call(url, await person.session({ proven: when }), operation, input);
        expect(answer).toMatchObject({ status: 401, body: { code: "step_up_required" } });
        expect(answer.headers.get("www-authenticate")).toContain('error="insufficient_claims"');
      }
    },
  );

  test.each(some(({ kind }) => kind === "command"))(
    "%s: 403 origin_not_allowed with a session from another site's page",
    async (_, operation) => {
      const headers = { origin: "https://elsewhere.example" };
      const answer = await call(url, proven, operation, await inputOf(operation, here), headers);
      expect(answer).toMatchObject({ status: 403, body: { code: "origin_not_allowed" } });
    },
  );

  test.each(every)("%s: its agent policy holds, whatever the agent's permissions", async (_, operation) => {
    const input = await inputOf(operation, here);
    const { body } = await call(url, agent, operation, input);
    const said = ["agent_denied", "proposal_required"].includes(body.code) ? body.code : null;
    expect(said).toBe({ allow: null, propose: "proposal_required", deny: "agent_denied" }[operation.meta.agent]);
    // Somebody answers for a registered one: it gets a proposal, or the problem of the command that it would propose.
    const answer = await call(url, registered, operation, await inputOf(operation, here));
    if (operation.meta.agent === "propose") expect([202, 404, 409, 412, 422]).toContain(answer.status);
    else expect(answer.body.code === "agent_denied").toBe(operation.meta.agent === "deny");
    if (operation.meta.agent === "propose" && answer.status === 202)
      expect(answer.body).toMatchObject({ state: "open", operation: operation.path });
  });

  /** What is the same for every organisation, under names that aren't ids. */
  const shared = ["workflows.get"];

  test.each(some(({ path, meta }) => meta.openapi.path.includes("{") && !shared.includes(path)))(
    "%s: 404 for another organisation's, and it stays as it was",
    async (_, operation) => {
      const kind = kindOf(operation);
      if (!kind) throw new Error(`${operation.path}: a parameter other than {id} needs a rule of its own here`);
      const id = await make(kind, there);
      const before = await there.place.trail();
      const answer = await call(url, callerOf(operation), operation, { ...(await inputOf(operation, here)), id });
      expect(answer.status).toBe(404);
      expect(answer.body.code).toMatch(/_not_found$/);
      expect(await there.place.trail()).toEqual(before);
      const strange = {
        ...(await inputOf(operation, here)),
        id: `${kind === "org" ? "ent" : "org"}_01kejc8ht0e6ssypg6m30swm9g`,
      };
      expect(await call(url, callerOf(operation), operation, strange)).toMatchObject({
        status: 400,
        body: { errors: [{ pointer: "/path/id" }] },
      });
    },
  );
});

describe("every operation: what it takes and answers", () => {
  test.each(some(({ meta }) => meta.version === "required"))(
    "%s: 428 without a version, before the rest is looked at",
    async (_, operation) => {
      const { version: _gone, ...input } = await inputOf(operation, here);
      for (const body of [input, { id: input.id }, { ...input, surprise: 1 }])
        expect(await call(url, callerOf(operation), operation, body)).toMatchObject({
          status: 428,
          body: { code: "version_required" },
        });
    },
  );

  test.each(every)("%s: 400 for a field that it doesn't have", async (_, operation) => {
    const answer = await call(url, callerOf(operation), operation, {
      ...(await inputOf(operation, here)),
      surprise: "x",
    });
    const inQuery = operation.kind === "query" || operation.meta.upload !== null;
    const pointer = inQuery ? "/query/surprise" : "/body/surprise";
    expect(answer).toMatchObject({
      status: 400,
      body: { code: "invalid_input", errors: [{ pointer, code: "unknown_field" }] },
    });
  });

  test.each(every)("%s: its examples are valid, and served as the contract says", async (_, operation) => {
    expect(operation.meta.examples).not.toHaveLength(0);
    for (const { input, output } of operation.meta.examples) {
      expect(operation.input.safeParse(input).error).toBeUndefined();
      expect(operation.output.parse(output)).toEqual(output);
      // `call` throws where the answer is not documented: its status, its output's form, its problem.
      const things = (await withThings(input, here)) as Record<string, unknown>;
      const answer = await call(url, callerOf(operation), operation, things);
      // What is somebody's own is refused to this caller.
      const foreign = ["proposal_foreign", "dispatch_recipient_foreign"];
      const own = foreign.some((code) => operation.meta.problems.includes(code)) ? [403] : [];
      expect([200, 201, 202, 204, 404, 409, 412, 422, ...own]).toContain(answer.status);
    }
  });

  test("every change is on record under its permission", async () => {
    const trail = (await here.place.trail()).filter((entry) => entry.outcome === "done");
    expect(new Set(trail.map((entry) => entry.operation)).size).toBeGreaterThan(3);
    for (const { operation, action } of trail.filter((entry) => entry.action !== "proposal.make"))
      expect(action).toBe(operations.get(operation as string)?.meta.permission ?? operation);
  });
});

describe("every operation: names", () => {
  const tests = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".test.ts"));
  const named = tests.flatMap((file) => {
    const text = readFileSync(resolve(import.meta.dirname, file), "utf8");
    return [...text.matchAll(/^describe\("(\w+\.\w+)"/gm)].map((match) => match[1]);
  });

  test.each(every)("%s: has tests of its own name", (path) => {
    expect(named, `No test file has a describe("${path}")`).toContain(path);
  });

  /** A person's sessions lie at the person's address, and are of the permissions of sessions; to take the log out is more than to read it. */
  const borrowed: Record<string, string> = {
    "audit.export": "audit.export",
    "people.sessions": "session.read",
    "people.signOut": "session.revoke",
  };

  test.each(some(({ meta }) => meta.permission !== null))(
    "%s: its permission is its noun, and its verb or `read`",
    (path, { kind, meta }) => {
      if (borrowed[path]) return expect(meta.permission).toBe(borrowed[path]);
      const [capability, name] = path.split(".") as [string, string];
      const [noun, verb] = (meta.permission as string).split(".") as [string, string];
      const plural = capability.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
      expect([noun, `${noun}s`, `${noun}es`, noun.replace(/y$/, "ies"), noun.replace("person", "people")]).toContain(
        plural,
      );
      if (kind === "query") expect(verb).toBe("read");
      else expect(snake(name).startsWith(verb), `${name} needs ${verb}`).toBe(true);
    },
  );
  const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
});

describe("the kit stands on facts of tRPC that it doesn't promise", () => {
  const procedures = contract._def.procedures as unknown as Record<
    string,
    { _def: { inputs: unknown[]; output?: unknown } }
  >;

  test.each(every)("%s: its schemas are where generators look for them", (path, { input, output }) => {
    expect(procedures[path]?._def).toMatchObject({ inputs: [input], output });
    expect(input.safeParse({ ...operations.get(path)?.meta.examples[0]?.input, surprise: 1 }).success).toBe(false);
  });

  test("a resolver is given getRawInput, and hands on what came in, unread and unparsed", async () => {
    const seen: unknown[] = [];
    const dispatch = async (path: string, readInput: () => Promise<unknown>) => seen.push(path, await readInput());
    await contract
      .createCaller({ dispatch, subscribe: dispatch as never, problemOf: () => ({}) as never })
      .signals.get({ id: "as it is", and: "more" } as never);
    expect(seen).toEqual(["signals.get", { id: "as it is", and: "more" }]);
  });

  test("so its version is pinned, and the one that is here", () => {
    const pinned = ["package.json", "contracts/package.json", "apps/api/package.json"].map((file) => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(resolve(root, file), "utf8"));
      return (dependencies["@trpc/server"] ?? devDependencies["@trpc/server"]) as string;
    });
    const installed = JSON.parse(
      readFileSync(createRequire(import.meta.url).resolve("@trpc/server/package.json"), "utf8"),
    ).version;
    expect(new Set(pinned)).toEqual(new Set([installed]));
  });
});
