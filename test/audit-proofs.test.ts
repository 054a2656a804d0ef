import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { proofSample } from "@dais/api/start/proof-sample";
import { operations } from "@dais/contracts";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { beforeAll, describe, expect, test } from "vitest";
import { checkBundle, checkNote, consistent } from "./support/naive-log.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { refused } from "./support/posture.ts";
import { plant } from "./support/proof/planted.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { sealedNow, writeEntries } from "./support/sealing.ts";
import { startServer } from "./support/server.ts";

let url: string;
let here: Place;
let api: RestClient;
const sql = asOwner();
beforeAll(async () => {
  url = (await startServer()).url;
});
/** An organisation whose log has so many entries under its checkpoint. */
async function logOf(...sizes: number[]): Promise<string[]> {
  here = await place();
  api = restClient(url, await here.key());
  const ids: string[] = [];
  for (const size of sizes) {
    await writeEntries(sql, here, size - ids.length);
    await sealedNow(here);
    const rows =
      await sql`select a.id from audit_leaves l join audit a on a.seq = l.seq where l.tenant_id = ${here.tenantId} order by l.index`;
    ids.splice(0, ids.length, ...rows.map(({ id }) => idOf("aud", id)));
  }
  return ids;
}
const vkey = async () => (await api.get("/audit/keys")).body.items.at(-1).vkey;
const admin = async () => api.as(await (await here.person()).session({ proven: true }));

describe("audit.checkpoint", () => {
  test("200: the latest, or that of a size; signed by a key of audit.keys", async () => {
    await logOf(3, 8);
    const { body } = await api.get("/audit/checkpoint");
    expect(body).toMatchObject({ size: 8, origin: `dais.test/audit/${here.slug}`, cosignatures: [] });
    expect(checkNote(body.note, await vkey())).toEqual({ origin: body.origin, size: 8, root: body.root });
    expect((await api.get("/audit/checkpoint?size=3")).body).toMatchObject({ size: 3 });
  });

  test("404 audit_checkpoint_not_found: nothing was sealed yet, or nothing of this size signed", async () => {
    await logOf();
    expect(await api.get("/audit/checkpoint")).toMatchObject(refused(404, "audit_checkpoint_not_found"));
    await logOf(3);
    for (const size of [0, 2, 4, 1_000_000_000_000])
      expect(await api.get(`/audit/checkpoint?size=${size}`)).toMatchObject(refused(404, "audit_checkpoint_not_found"));
  });
});

describe("audit.checkpoints", () => {
  test("200: the latest first, page by page", async () => {
    await logOf(1, 2, 5);
    const first = (await api.get("/audit/checkpoints?limit=2")).body;
    expect(first.items.map(({ size }: { size: number }) => size)).toEqual([5, 2]);
    const next = (await api.get(`/audit/checkpoints?limit=2&cursor=${first.nextCursor}`)).body;
    expect([next.items.map(({ size }: { size: number }) => size), next.nextCursor]).toEqual([[1], null]);
  });
});

describe("audit.proof", () => {
  test.each([1, 2, 7, 256, 257, 700])("200: each entry of a log of %i proves itself offline", async (size) => {
    const ids = await logOf(size);
    const key = await vkey();
    for (const index of new Set([0, 1, 2, 5, 255, 256, size - 2, size - 1].filter((one) => one >= 0 && one < size))) {
      const { status, body } = await api.get(`/audit/${ids[index]}/proof`);
      expect([status, body.index, uuidOf(ids[index] as string)]).toEqual([200, index, body.entry.facts.id]);
      expect(checkBundle(body as never, key)).toEqual({ size, index });
    }
  });

  test("200: under the checkpoint that the auditor holds, also after the log has grown", async () => {
    const ids = await logOf(5, 300);
    const { body } = await api.get(`/audit/${ids[4]}/proof?size=5`);
    expect(checkBundle(body as never, await vkey())).toEqual({ size: 5, index: 4 });
  });

  test("200: what a command wrote, with all that it tells, to the letter", async () => {
    await logOf();
    await api.post(
      "/entities",
      { key: "site", name: { en: "Site ✓", ar: "موقع" }, kind: "company" },
      { "idempotency-key": "k" },
    );
    const { body } = await api.get(`/audit/${await sealedNow(here)}/proof`);
    expect(body.entry.facts).toMatchObject({ action: "entity.create", actorKind: "client", tenantId: here.tenantId });
    expect(body.entry.content).toMatchObject({ idempotencyKey: "k", decision: { permission: "entity.create" } });
    expect(checkBundle(body as never, await vkey())).toBeTruthy();
  });

  test("a bundle with one letter changed proves nothing, wherever it is", async () => {
    const ids = await logOf(9);
    const [{ body }, key] = [await api.get(`/audit/${ids[4]}/proof`), await vkey()];
    const changes: ((bundle: any) => unknown)[] = [
      ({ entry }) => (entry.facts.actorId += "x"),
      ({ entry }) => (entry.facts.changed = false),
      ({ entry }) => (entry.content.reason = "Otherwise."),
      ({ entry }) => (entry.contentSalt = "0".repeat(64)),
      (bundle) => (bundle.index += 1),
      (bundle) => (bundle.origin = "dais.test/audit/other"),
      (bundle) => (bundle.proof = bundle.proof.replace("index 4", "index 5")),
      (bundle) => (bundle.proof = bundle.proof.replace("\n9\n", "\n8\n")),
    ];
    for (const change of changes) {
      const bundle = structuredClone(body);
      change(bundle);
      expect(() => checkBundle(bundle as never, key)).toThrow();
    }
  });

  test("200: in a log of 1 048 577 entries it takes no more than 2 KB beside its entry", async () => {
    await logOf();
    const planted = 2 ** 20 - 1;
    await plant(sql, here, planted);
    // The first of these has the longest path that there is in such a log, the last the shortest.
    await writeEntries(sql, here, 2);
    await sealedNow(here);
    const rows = await sql`select id from audit where tenant_id = ${here.tenantId} order by xid, seq`;
    for (const [n, hashes] of [21, 1].entries()) {
      const { body } = await api.get(`/audit/${idOf("aud", rows[n]?.id)}/proof`);
      expect(checkBundle(body as never, await vkey())).toEqual({ size: planted + 2, index: planted + n });
      expect(body.proof.split("\n\n")[0].split("\n")).toHaveLength(2 + hashes);
      expect(Buffer.byteLength(JSON.stringify({ ...body, entry: null }))).toBeLessThanOrEqual(2048);
    }
  });

  test("404 audit_entry_not_found: of nobody, of another organisation, or above the caller's clearance", async () => {
    const [id] = await logOf(1);
    await logOf(1);
    for (const one of [id, idOf("aud", crypto.randomUUID())])
      expect(await api.get(`/audit/${one}/proof`)).toMatchObject(refused(404, "audit_entry_not_found"));
    await writeEntries(sql, here, 1, { classification: "secret" });
    await sealedNow(here);
    const [row] = await sql`select id from audit where tenant_id = ${here.tenantId} and classification = 'secret'`;
    const secret = idOf("aud", row?.id);
    const low = api.as(await here.key({ clearance: "confidential" }));
    expect(await low.get(`/audit/${secret}/proof`)).toMatchObject(refused(404, "audit_entry_not_found"));
    expect((await api.get(`/audit/${secret}/proof`)).status).toBe(200);
    const [read] = await sql`select resource_id, classification, decision -> 'read' -> 'items' as items from audit
      where tenant_id = ${here.tenantId} and operation = 'audit.proof' and outcome = 'read'`;
    expect(read).toEqual({
      ...{ resource_id: uuidOf(secret), classification: "secret" },
      items: [{ id: secret, classification: "secret" }],
    });
  });

  test("409 audit_not_sealed: under no checkpoint yet, or not under that one", async () => {
    const ids = await logOf(2, 4);
    expect(await api.get(`/audit/${ids[3]}/proof?size=2`)).toMatchObject(refused(409, "audit_not_sealed"));
    await writeEntries(sql, here, 1);
    const [row] = await sql`select id from audit where tenant_id = ${here.tenantId} order by seq desc limit 1`;
    const answer = await api.get(`/audit/${idOf("aud", row?.id)}/proof`);
    expect(answer).toMatchObject(refused(409, "audit_not_sealed"));
    expect(answer.headers.get("retry-after")).toBe("1");
  });

  test("404 audit_checkpoint_not_found: nothing of this size was signed", async () => {
    const ids = await logOf(4);
    expect(await api.get(`/audit/${ids[0]}/proof?size=3`)).toMatchObject(refused(404, "audit_checkpoint_not_found"));
  });
});

describe("audit.consistency", () => {
  test("200: every earlier checkpoint is shown to be the beginning of every later one", async () => {
    const sizes = [1, 2, 5, 8, 256, 300, 513];
    await logOf(...sizes);
    const { items } = (await api.get("/audit/checkpoints?limit=100")).body;
    const root = new Map(items.map((one: { size: number; root: string }) => [one.size, one.root]));
    for (const from of sizes)
      for (const to of sizes.filter((one) => one >= from)) {
        const { status, body } = await api.get(`/audit/consistency?from=${from}&to=${to}`);
        expect([status, body.from, body.to]).toEqual([200, from, to]);
        expect([from, to, consistent(from, to, root.get(from) as string, root.get(to) as string, body.hashes)]).toEqual(
          [from, to, true],
        );
        if (from < to)
          expect(consistent(from, to, root.get(to) as string, root.get(to) as string, body.hashes)).toBe(false);
      }
    expect((await api.get("/audit/consistency?from=0")).body).toEqual({ from: 0, to: 513, hashes: [] });
  });

  test("422 audit_sizes_invalid: swapped, or beyond what was signed", async () => {
    await logOf(4);
    for (const query of ["from=3&to=2", "from=5", "from=1&to=5"])
      expect(await api.get(`/audit/consistency?${query}`)).toMatchObject(refused(422, "audit_sizes_invalid"));
    expect((await api.get("/audit/consistency?from=5")).body.size).toBe(4);
  });

  test("404 audit_checkpoint_not_found: of an empty log", async () => {
    await logOf();
    expect(await api.get("/audit/consistency?from=0")).toMatchObject(refused(404, "audit_checkpoint_not_found"));
  });
});

describe("audit.keys", () => {
  test("200: all that there have been, newest first, as verifiers take them", async () => {
    await logOf(1);
    const { items } = (await api.get("/audit/keys")).body;
    expect(items).toMatchObject([{ name: `dais.test/audit/${here.slug}`, untilAt: null, lostAt: null }]);
    expect(items[0].vkey).toMatch(new RegExp(`^${items[0].name}\\+${items[0].keyId}\\+`));
    expect(JSON.stringify(items)).not.toMatch(/sealed|private|v1\./i);
  });
});

describe("audit.rotate", () => {
  test("202: the next checkpoint has another key, and what was signed before stays good", async () => {
    const ids = await logOf(3);
    const [before] = (await api.get("/audit/keys")).body.items;
    const old = (await api.get("/audit/checkpoint")).body;
    const reply = await (await admin()).post("/audit/rotate", {});
    expect(reply).toMatchObject({ status: 202, body: { changed: true, former: before.keyId } });
    expect(reply.headers.get("location")).toMatch(/\/audit\/keys$/);
    const [ended] =
      await sql`select sealed_private, until_at, lost_at from audit_keys where key_id = ${before.keyId} and tenant_id = ${here.tenantId}`;
    expect(ended).toMatchObject({ sealed_private: null, until_at: expect.any(Date), lost_at: null });
    expect(await (await admin()).post("/audit/rotate", {})).toMatchObject({ body: { changed: false, former: null } });
    await sealedNow(here);
    const [after] = (await api.get("/audit/keys")).body.items;
    expect(after.keyId).not.toBe(before.keyId);
    const now = (await api.get("/audit/checkpoint")).body;
    expect(checkNote(now.note, after.vkey).size).toBe(now.size);
    expect(() => checkNote(now.note, before.vkey)).toThrow("not signed");
    expect(checkNote(old.note, before.vkey).size).toBe(3);
    const kept = await api.get(`/audit/${ids[0]}/proof?size=3`);
    expect(checkBundle(kept.body as never, before.vkey).size).toBe(3);
  });

  test("401: nobody without a second factor; 403: and no key", async () => {
    await logOf(1);
    expect(await api.post("/audit/rotate", {})).toMatchObject({ status: 403 });
    const unproven = api.as(await (await here.person()).session());
    expect(await unproven.post("/audit/rotate", {})).toMatchObject({ status: 401 });
  });
});

describe("the examples", () => {
  test("prove themselves", () => {
    const of = (name: string) => operations.get(`audit.${name}`)?.meta.examples[0]?.output as any;
    const { vkey } = of("keys").items[0];
    expect(checkBundle(of("proof"), vkey)).toEqual({ size: 2, index: 1 });
    expect(checkNote(of("cosign").checkpoint.note, vkey).size).toBe(2);
  });
});

describe("the demo's line", () => {
  test("fetches a bundle that checks", async () => {
    const ids = await logOf(2);
    const [{ vkey: its }] = (await api.get("/audit/keys")).body.items;
    const [, line] = proofSample({ url, key: await here.key(), entryId: ids[1] as string, vkey: its });
    const folder = mkdtempSync(join(tmpdir(), "dais-proof-"));
    const [fetches, checks] = line.split(" && ");
    // Not in step with us: what answers lives in this process.
    await promisify(execFile)("sh", ["-c", fetches as string], { cwd: folder });
    expect(checks).toBe(`npm run verify -- proof.json --key '${its}'`);
    expect(checkBundle(JSON.parse(readFileSync(join(folder, "proof.json"), "utf8")), its).index).toBe(1);
    rmSync(folder, { recursive: true });
  });
});
