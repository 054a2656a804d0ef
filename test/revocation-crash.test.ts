import { uuidOf } from "@dais/contracts/kit/ids";
import { afterEach, describe, expect, test } from "vitest";
import { waitsFor } from "./support/held.ts";
import { ownDatabase } from "./support/jobs.ts";
import { spawnServer } from "./support/process.ts";
import { cleanUp } from "./support/programs.ts";
import { type Reply, restClient } from "./support/rest.ts";
import { listen, streamOf, until } from "./support/streams.ts";

const own = await ownDatabase();
afterEach(cleanUp);

describe("a process that dies between the commit that revokes and telling the others", () => {
  test("nobody stays in by what another process learnt just before the commit", async () => {
    const at = await own.place();
    const boss = await at.key();
    const body = { name: "x", permissions: ["signal.read"], clearance: "secret" };
    const create = async () =>
      (await restClient(own.server.url, boss).post("/api-keys", body)).body as { id: string; secret: string };
    const [made, ...others] = [await create(), await create(), await create()];
    const dying = await spawnServer({ connection: own.connection, env: { DATABASE_CONNECTIONS: "2" } });
    // What has been prepared once goes out together, the commit included.
    for (const { id } of others) await restClient(dying.url, boss).post(`/api-keys/${id}/revoke`);
    const caller = restClient(own.server.url, made.secret);
    expect((await caller.get("/me")).status).toBe(200);
    const stream = await listen(streamOf(own.server.url), made.secret);

    // The change waits behind the first word to the others, and ahead of its commit.
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { promise: held, resolve: holds } = Promise.withResolvers<number>();
    const holder = own.owner.begin(async (tx) => {
      await tx`lock table outbox in exclusive mode`;
      const [row] = await tx`select pg_backend_pid() as pid`;
      holds(row?.pid);
      await released;
    });
    const pid = await held;
    const revoking: Promise<Reply | null> = restClient(dying.url, boss)
      .post(`/api-keys/${made.id}/revoke`)
      .catch(() => null);
    await waitsFor(own.owner, pid);
    expect((await caller.get("/me")).status).toBe(200);
    dying.pause();
    release();
    await holder;
    await until(
      async () =>
        (await own.owner`select 1 from api_keys where id = ${uuidOf(made.id)} and revoked_at is not null`).length === 1,
    );
    await dying.kill();
    expect(await revoking).toBeNull();

    await until(async () => (await caller.get("/me")).status === 401);
    await until(() => stream.over());
    for (let n = 0; n < 20; n += 1) expect((await caller.get("/me")).status).toBe(401);
  }, 60_000);
});
