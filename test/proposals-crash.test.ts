import { uuidOf } from "@dais/contracts/kit/ids";
import { afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { spawnServer } from "./support/process.ts";
import { afterwards, cleanUp } from "./support/programs.ts";
import { type Proposer, proposer, reported } from "./support/proposals.ts";
import { proxy } from "./support/proxy.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";

afterEach(cleanUp);
const sql = asOwner();

let url: string;
let here: Place;
let api: RestClient;
let agent: Proposer;
let person: string;
beforeAll(async () => {
  url = (await startServer()).url;
});
beforeEach(async () => {
  here = await place();
  api = restClient(url, await here.key());
  agent = await proposer(here);
  person = await (await here.person()).session();
});

/** A server whose process dies right after it has sent what names this, before Postgres' answer can reach it. */
async function dyingServer(words: string) {
  const { host, port, ...rest } = inject("login");
  const wire = await proxy(host.startsWith("/") ? { path: `${host}/.s.PGSQL.${port}` } : { host, port });
  afterwards(() => wire.close());
  const server = await spawnServer({ connection: { ...rest, host: wire.host, port: wire.port } });
  wire.cutAfter((bytes) => {
    const now = bytes.includes(words);
    if (now) server.kill();
    return now;
  });
  return server;
}

const proposals = () => sql`select id, state from proposals where tenant_id = ${here.tenantId}`;
const entries = (resource: string) => here.trail(uuidOf(resource));

describe("a process killed while an agent proposes", () => {
  test.each(["savepoint proposed", "rollback to savepoint", 'insert into "proposals"', 'insert into "audit"'])(
    "after it sent `%s`: nothing is there, and the retry makes one proposal",
    async (words) => {
      const { id } = await reported(api);
      const dying = await dyingServer(words);
      const ask = (at: string) =>
        restClient(at, agent.key).post(`/signals/${id}/acknowledge`, { version: 1 }, { "idempotency-key": "p" });
      await expect(ask(dying.url)).rejects.toThrow();
      await expect.poll(() => ask(url), { timeout: 20_000 }).toMatchObject({ status: 202 });
      expect(await proposals()).toMatchObject([{ state: "open" }]);
      expect(await entries(id)).toHaveLength(1);
    },
  );
});

describe("a process killed while a person approves", () => {
  test.each(["had_a_hand", "update proposals set output", 'insert into "audit"'])(
    "after it sent `%s`: nothing of it is done, and the retry does it once",
    async (words) => {
      const { id } = await reported(api);
      const { body } = await api.as(agent.key).post(`/signals/${id}/acknowledge`, { version: 1 });
      const dying = await dyingServer(words);
      const ask = (at: string) =>
        restClient(at, person).post(`/proposals/${body.id}/approve`, { version: 1 }, { "idempotency-key": "a" });
      await expect(ask(dying.url)).rejects.toThrow();
      const halfway = [(await proposals())[0]?.state, (await api.get(`/signals/${id}`)).body.state];
      expect([["open", "new"].join(), ["approved", "acknowledged"].join()]).toContain(halfway.join());
      await expect
        .poll(() => ask(url), { timeout: 20_000 })
        .toMatchObject({
          status: 200,
          body: { proposal: { state: "approved" }, output: { state: "acknowledged", version: 2 } },
        });
      expect((await entries(id)).map(({ event }) => event)).toEqual(["ingest", "acknowledge"]);
      expect((await entries(body.id)).map(({ event }) => event)).toEqual(["make", "approve"]);
    },
  );
});
