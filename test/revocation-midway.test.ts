import { request } from "node:http";
import type { Server } from "@dais/api/server";
import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { authorized } from "./support/credential.ts";
import { heldRow } from "./support/held.ts";
import { asOwner } from "./support/owner.ts";
import type { Person } from "./support/people.ts";
import { type Place, place } from "./support/place.ts";
import { proxy } from "./support/proxy.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { aSignal } from "./support/samples.ts";
import { startServer } from "./support/server.ts";
import { until } from "./support/streams.ts";

let here: Server;
let there: Server;
let home: Place;
let admin: RestClient;
beforeAll(async () => {
  [here, there] = await Promise.all([startServer(), startServer()]);
});
beforeEach(async () => {
  home = await place();
  admin = restClient(there.url, await (await home.person()).session({ proven: true }));
});

/** Longer than what was said of a caller holds for the call. */
const longMs = 600;
const reason = "A test of the doors.";
const refused = (status: number, code: string) => ({ status, body: { code } });
const done = async (path: string, body: object = {}) => {
  const answer = await admin.post(path, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
};
const statuses = (credential: string) =>
  Promise.all([here, there].map(async ({ url }) => (await restClient(url, credential).get("/signals")).status));

/** Has somebody acknowledge a signal that is held meanwhile, and answers with what came of it. */
async function acknowledged(credential: string, meanwhile: () => Promise<unknown>, url = here.url) {
  const { body } = await restClient(here.url, await home.key()).post("/signals", aSignal());
  const { id } = body.signal as { id: string };
  const row = await heldRow("signals", uuidOf(id));
  const answer = restClient(url, credential).post(`/signals/${id}/acknowledge`, { version: 1 });
  await row.waitedFor();
  const began = performance.now();
  await meanwhile();
  await until(() => performance.now() - began > longMs);
  await row.release();
  const entries = (await home.trail(uuidOf(id))).map(({ event, outcome }) => [event, outcome]);
  return { answer: await answer, version: (await admin.get(`/signals/${id}`)).body.version, entries };
}

describe("a command that is under way for longer than half a second when something is taken from its caller", () => {
  const key = async () => {
    const body = { name: "x", permissions: ["signal.read", "signal.acknowledge"], clearance: "secret" };
    return (await admin.post("/api-keys", body)).body as { id: string; secret: string };
  };

  test("401: whose key is revoked by another process: all of it is undone, and nothing after it is accepted", async () => {
    const { id, secret } = await key();
    const came = await acknowledged(secret, () => done(`/api-keys/${id}/revoke`));
    expect(came).toMatchObject({ answer: refused(401, "unauthenticated"), version: 1 });
    expect(came.entries).toHaveLength(1);
    expect(await statuses(secret)).toEqual([401, 401]);
  });

  test("401: who is disabled, or signed out everywhere, by another process", async () => {
    for (const [verb, body] of [
      ["disable", { reason }],
      ["sign-out", {}],
    ] as const) {
      const person = await home.person({ roles: ["operational"] });
      const session = await person.session();
      const came = await acknowledged(session, () => done(`/people/${person.id}/${verb}`, body));
      expect(came).toMatchObject({ answer: refused(401, "unauthenticated"), version: 1 });
      expect(came.entries).toHaveLength(1);
      expect(await statuses(session)).toEqual([401, 401]);
    }
  });

  test("403: who loses the role that lets them: undone, and on record as refused", async () => {
    const person = await home.person({ roles: ["operational"] });
    const session = await person.session();
    const came = await acknowledged(session, () => done(`/people/${person.id}/revoke-role`, { role: "operational" }));
    expect(came).toMatchObject({ answer: refused(403, "forbidden"), version: 1 });
    await here.kernel.settle();
    expect((await home.trail()).at(-1)).toMatchObject({
      ...{ actor_id: person.id, operation: "signals.acknowledge", outcome: "refused", problem: "forbidden" },
    });
  });

  test("503 busy: who may do less, but this still, is undone, and the next try is judged anew", async () => {
    const person = await home.person({ roles: ["operational"] });
    const session = await person.session();
    const lower = () => done(`/people/${person.id}/set-clearance`, { version: 1, clearance: "internal" });
    const came = await acknowledged(session, lower);
    expect(came).toMatchObject({ answer: refused(503, "busy"), version: 1 });
    expect(came.answer.headers.get("retry-after")).toBe("1");
    expect((await acknowledged(session, async () => {})).answer.status).toBe(200);
  });

  test("200: who is given something goes on", async () => {
    const person = await home.person({ roles: ["operational"] });
    const give = () => done(`/people/${person.id}/grant-role`, { role: "auditor" });
    const came = await acknowledged(await person.session(), give);
    expect(came).toMatchObject({ answer: { status: 200 }, version: 2 });
  });

  test("503 unavailable: where nobody can say whether the caller may still, it is undone", async () => {
    const { hostname, port } = new URL(inject("redis"));
    const wire = await proxy({ host: hostname, port: Number(port || 6379) });
    const own = await startServer({ redis: `redis://${wire.host}:${wire.port}` });
    const came = await acknowledged((await key()).secret, async () => wire.cut(), own.url);
    expect(came).toMatchObject({ answer: refused(503, "unavailable"), version: 1 });
    await wire.close();
  });

  test("401: whose body comes after the key was revoked does nothing", async () => {
    const { id, secret } = await key();
    const made = await restClient(here.url, await home.key()).post("/signals", aSignal());
    const began = performance.now();
    const answer = await sentInParts(
      `/v1/signals/${made.body.signal.id}/acknowledge`,
      secret,
      '{"version":1}',
      async () => {
        await done(`/api-keys/${id}/revoke`);
        await until(() => performance.now() - began > longMs);
      },
    );
    expect(answer).toBe(401);
    expect((await admin.get(`/signals/${made.body.signal.id}`)).body.version).toBe(1);
  });

  /** Answers with the status. */
  function sentInParts(path: string, secret: string, body: string, before: () => Promise<unknown>): Promise<number> {
    const headers = { ...authorized(secret), "content-type": "application/json", "content-length": body.length };
    return new Promise((resolve, reject) => {
      const sent = request(`${here.url}${path}`, { method: "POST", headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      sent.on("error", reject).flushHeaders();
      before().then(() => sent.end(body), reject);
    });
  }
});

describe("two administrators who shut each other out at the same moment, at two processes", () => {
  const ways = {
    disable: (id: string): [string, object] => [`/people/${id}/disable`, { reason }],
    revokeRole: (id: string): [string, object] => [`/people/${id}/revoke-role`, { role: "admin" }],
  };
  const inside = async () =>
    (
      await asOwner()`select p.id from people p join person_roles r on r.tenant_id = p.tenant_id and r.person_id = p.id
      where p.tenant_id = ${home.tenantId} and p.disabled_at is null and r.role = 'admin' and r.ended_at is null`
    ).map(({ id }) => id);

  test.each([
    ["disable", "disable"],
    ["revokeRole", "revokeRole"],
    ["disable", "revokeRole"],
  ] as const)(
    "%s and %s, twenty times: of two, one stays; of three, one or both are out; never anything but an answer",
    async (one, other) => {
      for (let round = 0; round < 20; round += 1) {
        home = await place();
        const people = await Promise.all(Array.from({ length: 2 + (round % 2) }, () => home.person()));
        const [a, b] = people as [Person, Person];
        const sessions = await Promise.all([a, b].map((person) => person.session({ proven: true })));
        const [asA, asB] = sessions.map((session, n) => restClient([here, there][n]?.url as string, session)) as [
          RestClient,
          RestClient,
        ];
        const answers = await Promise.all([asA.post(...ways[one](b.id)), asB.post(...ways[other](a.id))]);
        const outcomes = answers.map(({ status, body }) => (status === 200 ? "done" : body.code));
        const count = outcomes.filter((outcome) => outcome === "done").length;
        expect(["done", "person_last_admin", "unauthenticated", "forbidden"]).toEqual(expect.arrayContaining(outcomes));
        expect(count).toBeGreaterThan(0);
        if (people.length === 2) expect(count).toBe(1);
        const out = [...(answers[0]?.status === 200 ? [b] : []), ...(answers[1]?.status === 200 ? [a] : [])];
        const left = people.filter((person) => !out.includes(person)).map(({ uuid }) => uuid);
        expect((await inside()).sort()).toEqual(left.sort());
        for (const [n, person] of [a, b].entries()) {
          const may = await Promise.all(
            [here, there].map(({ url }) => restClient(url, sessions[n] as string).get("/api-keys")),
          );
          const expected = out.includes(person) ? [401, 403] : [200];
          for (const { status } of may) expect(expected).toContain(status);
        }
      }
    },
    120_000,
  );
});
