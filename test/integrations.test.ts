import { uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { startServer } from "./support/server.ts";
import { setDeadCommand, setIntegration } from "./support/things.ts";

let url: string;
beforeAll(async () => {
  ({ url } = await startServer());
});

/** An organisation, and an administrator of it who has just proven who they are. */
async function at(): Promise<{ here: Place; admin: RestClient }> {
  const here = await place();
  return { here, admin: restClient(url, await (await here.person()).session({ proven: true })) };
}

const made = async (admin: RestClient, more: object = {}): Promise<string> =>
  (await admin.post("/api-keys", { name: "Sync", permissions: ["entity.read"], clearance: "internal", ...more })).body
    .id;
const open = (admin: RestClient, keyId: string) => admin.post("/integrations", { name: "Directory sync", keyId });

describe("integrations.open", () => {
  test("201: a queue by the integration's id, on record and told", async () => {
    const { here, admin } = await at();
    const keyId = await made(admin);
    const { status, body, headers } = await open(admin, keyId);
    expect(status).toBe(201);
    expect(body).toMatchObject({ keyId, queue: `dais.commands.${body.id}`, problem: null, closedAt: null, version: 1 });
    expect(headers.get("location")).toContain(`/integrations/${body.id}`);
    expect(await here.trail(uuidOf(body.id))).toMatchObject([{ operation: "integrations.open", outcome: "done" }]);
  });

  test("401: without a second factor just now", async () => {
    const { here, admin } = await at();
    const keyId = await made(admin);
    const late = restClient(url, await (await here.person()).session());
    expect((await open(late, keyId)).body.code).toBe("step_up_required");
  });

  test("403: a key that may more than the caller, or is cleared higher", async () => {
    const { here } = await at();
    const low = restClient(url, await (await here.person({ clearance: "internal" })).session({ proven: true }));
    const { admin } = { admin: restClient(url, await here.key()) };
    const secret = (await admin.post("/api-keys", { name: "High", permissions: ["entity.read"], clearance: "secret" }))
      .body.id;
    expect((await open(low, secret)).body).toMatchObject({ code: "integration_exceeds_caller", permissions: [] });
    const approving = await made(admin, { permissions: ["posture.confirm"] });
    expect((await open(low, approving)).body).toMatchObject({
      code: "integration_exceeds_caller",
      permissions: ["posture.confirm"],
    });
  });

  test("422: a key that is over, for some networks only, of an agent's, or another organisation's", async () => {
    const { admin } = await at();
    const over = await made(admin);
    await admin.post(`/api-keys/${over}/revoke`, {});
    const narrow = await made(admin, { ipRanges: ["192.0.2.0/24"] });
    const theirs = await made((await at()).admin);
    for (const keyId of [over, narrow, theirs])
      expect(await open(admin, keyId)).toMatchObject({ status: 422, body: { code: "integration_key_unfit" } });
  });

  test("409 integration_limit: an organisation has 100 open at most, also where two ask at once; a closed one makes room", async () => {
    const { here, admin } = await at();
    const keyId = await made(admin);
    await asOwner()`
      insert into integrations (id, tenant_id, name, key_id, created_by, created_at, updated_at)
      select gen_random_uuid(), ${here.tenantId}, 'One of many', ${uuidOf(keyId)}, 'test', now(), now() from generate_series(1, 99)`;
    const [one, other] = (await Promise.all([open(admin, keyId), open(admin, keyId)])).sort(
      (a, b) => a.status - b.status,
    );
    expect(one?.status).toBe(201);
    expect(other).toMatchObject({ status: 409, body: { code: "integration_limit", limit: 100 } });
    expect((await admin.post(`/integrations/${one?.body.id}/close`, {})).status).toBe(200);
    expect((await open(admin, keyId)).status).toBe(201);
    expect((await open(admin, keyId)).body.code).toBe("integration_limit");
    const second = await at();
    expect((await open(second.admin, await made(second.admin))).status).toBe(201);
  });
});

describe("integrations.list", () => {
  test("200: the newest first, of one's own organisation, in pages", async () => {
    const { here, admin } = await at();
    await setIntegration((await at()).here);
    const ids = [await setIntegration(here), await setIntegration(here), await setIntegration(here)];
    const first = (await admin.get("/integrations?limit=2")).body;
    const rest = (await admin.get(`/integrations?limit=2&cursor=${first.nextCursor}`)).body;
    expect([...first.items, ...rest.items].map(({ id }: { id: string }) => id).sort()).toEqual(ids.sort());
    expect(rest.nextCursor).toBeNull();
  });
});

describe("integrations.get", () => {
  test("200, and 404 for another organisation's", async () => {
    const { here, admin } = await at();
    const id = await setIntegration(here);
    expect((await admin.get(`/integrations/${id}`)).body).toMatchObject({ id, version: 1 });
    expect((await (await at()).admin.get(`/integrations/${id}`)).body.code).toBe("integration_not_found");
  });
});

describe("integrations.close", () => {
  test("200: for good; a second time, nothing changes", async () => {
    const { here, admin } = await at();
    const id = await setIntegration(here);
    expect((await admin.post(`/integrations/${id}/close`, {})).body).toMatchObject({
      changed: true,
      integration: { id, version: 2, closedAt: expect.any(String) },
    });
    expect((await admin.post(`/integrations/${id}/close`, {})).body).toMatchObject({ changed: false });
  });
});

describe("deadCommands.list", () => {
  test("200: by state and integration, the last that failed first, of one's own organisation", async () => {
    const { here, admin } = await at();
    await setDeadCommand((await at()).here);
    const old = await setDeadCommand(here, { failed_at: "2026-01-05T04:00:00.000Z" });
    const dropped = await setDeadCommand(here, { dropped_at: "2026-01-06T05:00:00.000Z" });
    const ids = async (query = "") =>
      (await admin.get(`/dead-commands${query}`)).body.items.map(({ id }: { id: string }) => id);
    expect(await ids()).toEqual([dropped, old]);
    expect(await ids("?state=failed")).toEqual([old]);
    const { integrationId } = (await admin.get(`/dead-commands/${old}`)).body;
    expect(await ids(`?integrationId=${integrationId}`)).toEqual([old]);
    const first = (await admin.get("/dead-commands?limit=1")).body;
    expect(await ids(`?limit=1&cursor=${first.nextCursor}`)).toEqual([old]);
  });
});

describe("deadCommands.get", () => {
  test("200: without what it says; 404 for another organisation's", async () => {
    const { here, admin } = await at();
    const id = await setDeadCommand(here, { body: '{"a":"hidden"}' });
    const { body } = await admin.get(`/dead-commands/${id}`);
    expect(body).toMatchObject({ id, state: "failed", replayable: true, operation: "people.disable" });
    expect(JSON.stringify(body)).not.toContain("hidden");
    expect((await (await at()).admin.get(`/dead-commands/${id}`)).body.code).toBe("dead_command_not_found");
  });
});

describe("deadCommands.replay", () => {
  test("202: those that wait to be decided about, once; all, or none", async () => {
    const { here, admin } = await at();
    const [one, two] = [await setDeadCommand(here), await setDeadCommand(here)];
    const lost = await setDeadCommand(here, { body: null });
    const theirs = await setDeadCommand((await at()).here);
    expect((await admin.post("/dead-commands/replay", { ids: [one, theirs] })).body).toMatchObject({
      ...{ code: "dead_command_not_found", ids: [theirs] },
    });
    expect((await admin.post("/dead-commands/replay", { ids: [one, lost] })).body).toMatchObject({
      ...{ code: "dead_command_wrong_state", ids: [lost] },
    });
    expect((await admin.get(`/dead-commands/${one}`)).body.state).toBe("failed");
    const { status, body } = await admin.post("/dead-commands/replay", { ids: [one, two] });
    expect([status, body.changed.sort()]).toEqual([202, [one, two].sort()]);
    expect((await admin.get(`/dead-commands/${one}`)).body.state).toBe("replaying");
    expect((await admin.post("/dead-commands/replay", { ids: [one] })).body).toEqual({ changed: [] });
    expect(await here.trail(uuidOf(one))).toMatchObject([{ event: "replay", changed: true }, { changed: false }]);
  });

  test("202: again, where it was put into its queue more than a minute ago and came to nothing since", async () => {
    const { here, admin } = await at();
    const sent = (ago: number) => {
      const then = new Date(Date.now() - ago).toISOString();
      return setDeadCommand(here, { replayed_at: then, sent_at: then });
    };
    const [late, fresh] = [await sent(120_000), await sent(0)];
    const { status, body } = await admin.post("/dead-commands/replay", { ids: [late, fresh] });
    expect([status, body]).toEqual([202, { changed: [late] }]);
    const rows = await asOwner()`select id, sent_at from dead_commands where tenant_id = ${here.tenantId}`;
    const sentAt = (id: string) => rows.find((row) => row.id === uuidOf(id))?.sent_at;
    expect([sentAt(late), sentAt(fresh)]).toEqual([null, expect.any(Date)]);
  });

  test("409: of an integration that is closed, whose queue nobody reads", async () => {
    const { here, admin } = await at();
    const [id, other] = [await setDeadCommand(here), await setDeadCommand(here)];
    const { integrationId } = (await admin.get(`/dead-commands/${id}`)).body;
    expect((await admin.post(`/integrations/${integrationId}/close`, {})).status).toBe(200);
    expect(await admin.post("/dead-commands/replay", { ids: [id, other] })).toMatchObject({
      status: 409,
      body: { code: "dead_command_integration_closed", ids: [id] },
    });
    expect((await admin.get(`/dead-commands/${other}`)).body.state).toBe("failed");
    expect((await admin.post("/dead-commands/drop", { ids: [id], reason: "Closed." })).status).toBe(200);
  });
});

describe("deadCommands.drop", () => {
  test("200: with the reason on record; what was done can't be dropped", async () => {
    const { here, admin } = await at();
    const [one, done] = [
      await setDeadCommand(here),
      await setDeadCommand(here, { done_at: "2026-01-06T05:00:00.000Z" }),
    ];
    expect((await admin.post("/dead-commands/drop", { ids: [one], reason: "Only tried." })).body).toEqual({
      changed: [one],
    });
    expect(await here.trail(uuidOf(one))).toMatchObject([{ event: "drop", reason: "Only tried." }]);
    const refused = await admin.post("/dead-commands/drop", { ids: [done], reason: "Only tried." });
    expect([refused.status, refused.body.code]).toEqual([409, "dead_command_wrong_state"]);
  });

  test("409: what is in its queue again; before it is there, and where nobody reads it, it is dropped", async () => {
    const { here, admin } = await at();
    const now = new Date().toISOString();
    const [sent, asked] = [
      await setDeadCommand(here, { replayed_at: now, sent_at: now }),
      await setDeadCommand(here, { replayed_at: now }),
    ];
    const drop = (...ids: string[]) => admin.post("/dead-commands/drop", { ids, reason: "Only tried." });
    expect(await drop(sent, asked)).toMatchObject({
      status: 409,
      body: { code: "dead_command_wrong_state", ids: [sent] },
    });
    expect((await drop(asked)).body).toEqual({ changed: [asked] });
    const { integrationId } = (await admin.get(`/dead-commands/${sent}`)).body;
    await admin.post(`/integrations/${integrationId}/close`, {});
    expect((await drop(sent)).body).toEqual({ changed: [sent] });
  });
});
