import { beforeAll, describe, expect, test } from "vitest";
import { checkNote, rootOfHashes } from "./support/naive-log.ts";
import { asOwner } from "./support/owner.ts";
import { type Place, place } from "./support/place.ts";
import { refused } from "./support/posture.ts";
import { type RestClient, restClient } from "./support/rest.ts";
import { sealedNow, writeEntries } from "./support/sealing.ts";
import { startServer } from "./support/server.ts";
import { told } from "./support/told.ts";
import { testWitness } from "./support/witness.ts";

let url: string;
let here: Place;
let api: RestClient;
let admin: RestClient;
beforeAll(async () => {
  url = (await startServer()).url;
});
async function home(entries = 3): Promise<void> {
  here = await place();
  api = restClient(url, await here.key());
  admin = api.as(await (await here.person()).session({ proven: true }));
  if (entries === 0) return;
  await writeEntries(asOwner(), here, entries);
  await sealedNow(here);
}
const register = (witness = testWitness()) => admin.post("/audit/witnesses", { vkey: witness.vkey });
const open = (yes: boolean) => admin.send("/audit/tiles", { method: "PUT", body: { open: yes } });

describe("audit.witnesses", () => {
  test("200: newest first, removed ones included, page by page", async () => {
    await home(0);
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) ids.unshift((await register()).body.witness.id);
    await admin.post(`/audit/witnesses/${ids[1]}/remove`, {});
    const first = (await api.get("/audit/witnesses?limit=2")).body;
    const next = (await api.get(`/audit/witnesses?limit=2&cursor=${first.nextCursor}`)).body;
    const items = [...first.items, ...next.items];
    expect(items.map(({ id }) => id)).toEqual(ids);
    expect(items.map(({ removedAt }) => removedAt === null)).toEqual([true, false, true]);
  });
});

describe("audit.addWitness", () => {
  test("200: once, on record and told", async () => {
    await home(0);
    const witness = testWitness();
    const { body } = await register(witness);
    expect(body).toMatchObject({
      changed: true,
      witness: { name: witness.name, keyId: witness.keyId, vkey: witness.vkey },
    });
    expect((await register(witness)).body).toMatchObject({ changed: false, witness: { id: body.witness.id } });
    expect((await told(here)).map(([name]) => name)).toEqual(["audit.witness_added"]);
    expect((await here.trail()).map((row) => [row.action, row.changed])).toEqual([
      ["audit.add_witness", true],
      ["audit.add_witness", false],
    ]);
  });

  test("422 audit_witness_key_invalid: no key, another type, or an id that isn't its own", async () => {
    await home(0);
    const { vkey } = testWitness();
    const [name, , body = ""] = vkey.split("+");
    const typeOne = Buffer.concat([Buffer.of(1), Buffer.from(body, "base64").subarray(1)]).toString("base64");
    for (const wrong of [
      "x",
      `${name}+00000000+${body}`,
      `${name}+${vkey.split("+")[1]}+${typeOne}`,
      vkey.slice(0, -4),
      `other+${vkey}`,
    ])
      expect(await admin.post("/audit/witnesses", { vkey: wrong })).toMatchObject(
        refused(422, "audit_witness_key_invalid"),
      );
  });

  test("422 audit_witnesses_full: sixteen are enough, also where many come at once", async () => {
    await home(0);
    const answers = await Promise.all(Array.from({ length: 18 }, () => register()));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(16);
    expect(answers.find(({ status }) => status === 422)).toMatchObject(refused(422, "audit_witnesses_full"));
  });
});

describe("audit.removeWitness", () => {
  test("200: its signatures are taken no longer, and those that were stay", async () => {
    await home();
    const witness = testWitness();
    const { id } = (await register(witness)).body.witness;
    const { size, note } = (await api.get("/audit/checkpoint")).body;
    await api.post("/audit/cosign", { size, line: witness.cosign(note) });
    expect((await admin.post(`/audit/witnesses/${id}/remove`, {})).body).toMatchObject({ changed: true });
    expect((await admin.post(`/audit/witnesses/${id}/remove`, {})).body).toMatchObject({ changed: false });
    expect((await told(here)).map(([name]) => name)).toContain("audit.witness_removed");
    expect((await api.get(`/audit/checkpoint?size=${size}`)).body.cosignatures).toHaveLength(1);
    await sealedNow(here);
    const next = (await api.get("/audit/checkpoint")).body;
    const late = await api.post("/audit/cosign", { size: next.size, line: witness.cosign(next.note) });
    expect(late).toMatchObject(refused(422, "audit_cosignature_invalid"));
    expect((await register(witness)).body).toMatchObject({ changed: true });
  });

  test("404 audit_witness_not_found: of another organisation", async () => {
    await home(0);
    const { id } = (await register()).body.witness;
    await home(0);
    expect(await admin.post(`/audit/witnesses/${id}/remove`, {})).toMatchObject(
      refused(404, "audit_witness_not_found"),
    );
  });
});

describe("audit.cosign", () => {
  test("200: what verifies stands with the checkpoint, in every proof under it", async () => {
    await home();
    const [one, other] = [testWitness(), testWitness()];
    await Promise.all([register(one), register(other)]);
    const { size, note } = (await api.get("/audit/checkpoint")).body;
    const [early, late] = [one.cosign(note, 1_767_672_612), other.cosign(note)];
    const second = await api.post("/audit/cosign", { size, line: late });
    expect(second).toMatchObject({ status: 200, body: { changed: true, checkpoint: { note: `${note}${late}\n` } } });
    const first = (await api.post("/audit/cosign", { size, line: early })).body;
    expect(first.checkpoint.note).toBe(`${note}${early}\n${late}\n`);
    expect(first.checkpoint).toEqual((await api.get(`/audit/checkpoint?size=${size}`)).body);
    expect(first.checkpoint.cosignatures).toMatchObject([
      { witness: one.name, at: "2026-01-06T04:10:12.000Z" },
      { witness: other.name },
    ]);
    const again = await api.post("/audit/cosign", { size, line: one.cosign(note) });
    expect(again.body).toEqual({ changed: false, checkpoint: first.checkpoint });
    const [row] = await asOwner()`select id from audit where tenant_id = ${here.tenantId} order by seq limit 1`;
    const { idOf } = await import("@dais/contracts/kit/ids");
    expect((await api.get(`/audit/${idOf("aud", row?.id)}/proof?size=${size}`)).body.proof).toContain(
      `${early}\n${late}\n`,
    );
  });

  test("422 audit_cosignature_invalid: a stranger's, of another text, of a time to come, or no line at all", async () => {
    await home();
    const witness = testWitness();
    await register(witness);
    const { size, note } = (await api.get("/audit/checkpoint")).body;
    const right = witness.cosign(note);
    const wrong = [
      testWitness(witness.name).cosign(note),
      testWitness().cosign(note),
      witness.cosign(note.replace(`\n${size}\n`, `\n${size + 1}\n`)),
      witness.cosign(note, Math.floor(Date.now() / 1000) + 3600),
      right.replace(witness.name, "somebody.else"),
      right.slice(0, -8),
      note.split("\n").at(-2) as string,
      "— ",
      `— ${witness.name} AAAA`,
    ];
    for (const line of wrong)
      expect(await api.post("/audit/cosign", { size, line })).toMatchObject(refused(422, "audit_cosignature_invalid"));
    expect((await api.post("/audit/cosign", { size, line: right })).status).toBe(200);
  });

  test("404 audit_checkpoint_not_found: nothing of this size was signed", async () => {
    await home();
    const witness = testWitness();
    await register(witness);
    const { note } = (await api.get("/audit/checkpoint")).body;
    const answer = await api.post("/audit/cosign", { size: 1, line: witness.cosign(note) });
    expect(answer).toMatchObject(refused(404, "audit_checkpoint_not_found"));
  });
});

describe("audit.tiles", () => {
  test("200: closed, until somebody opens them", async () => {
    await home(0);
    expect((await api.get("/audit/tiles")).body).toEqual({ open: false, url: `http://dais.test/audit/${here.slug}` });
    await open(true);
    expect((await api.get("/audit/tiles")).body.open).toBe(true);
  });
});

describe("audit.setTiles", () => {
  test("200: opened and closed, on record and told; the same again changes nothing", async () => {
    await home(0);
    expect((await open(false)).body.changed).toBe(false);
    expect((await open(true)).body).toMatchObject({ changed: true, open: true });
    expect((await open(true)).body.changed).toBe(false);
    expect((await open(false)).body).toMatchObject({ changed: true, open: false });
    expect((await told(here)).map(([name, payload]) => [name, (payload as { open: boolean }).open])).toEqual([
      ["audit.tiles_set", true],
      ["audit.tiles_set", false],
    ]);
    expect((await here.trail()).map(({ changed }) => changed)).toEqual([false, true, false, true]);
  });
});

describe("open tiles", () => {
  const get = (path: string, init: RequestInit = {}) => fetch(`${url}/audit/${here.slug}${path}`, init);

  test("200: the whole log can be read without a credential, and has the root that the checkpoint says", async () => {
    await home(600);
    await open(true);
    const answer = await get("/checkpoint");
    expect(answer.headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("public, max-age=1");
    const { size, root } = checkNote(await answer.text(), (await api.get("/audit/keys")).body.items[0].vkey);
    const tile = async (path: string) => {
      const reply = await get(path);
      expect([path, reply.status, reply.headers.get("cache-control")]).toEqual([
        path,
        200,
        "public, max-age=31536000, immutable",
      ]);
      return Buffer.from(await reply.arrayBuffer());
    };
    const leaves = Buffer.concat([
      await tile("/tile/0/000"),
      await tile("/tile/0/001"),
      await tile(`/tile/0/002.p/${size - 512}`),
    ]);
    const hashes = Array.from({ length: size }, (_, n) => leaves.subarray(n * 32, n * 32 + 32));
    expect(rootOfHashes(hashes).toString("base64")).toBe(root);
    expect((await tile("/tile/1/000.p/2")).subarray(0, 32)).toEqual(rootOfHashes(hashes.slice(0, 256)));
    const bundle = await tile("/tile/entries/002.p/3");
    expect(bundle.length).toBe(3 * 66);
    const { createHash } = await import("node:crypto");
    for (const n of [0, 1, 2]) {
      const entry = bundle.subarray(n * 66, n * 66 + 66);
      expect(entry.readUInt16BE()).toBe(64);
      const hash = createHash("sha256").update(Buffer.of(0)).update(entry.subarray(2)).digest();
      expect(hash).toEqual(hashes[512 + n]);
    }
    expect((await tile("/tile/0/000.p/7")).length).toBe(7 * 32);
    expect((await get("/checkpoint", { method: "HEAD" })).status).toBe(200);
  });

  test("404: closed is like unknown, to the letter; and so is what isn't signed, or isn't spelt as it must be", async () => {
    await home(5);
    const said = async (path: string) => {
      const reply = await fetch(`${url}${path}`);
      const { requestId, instance, ...body } = (await reply.json()) as Record<string, unknown>;
      const headers = Object.fromEntries(
        [...reply.headers].filter(([name]) => !/^(x-request-id|date|keep-alive)$/.test(name)),
      );
      return { status: reply.status, body, headers };
    };
    const unknown = await said("/audit/nobody/checkpoint");
    expect(unknown.status).toBe(404);
    for (const path of ["/checkpoint", "/tile/0/000.p/5", "/tile/entries/000.p/5"])
      expect(await said(`/audit/${here.slug}${path}`)).toEqual(unknown);
    await open(true);
    expect((await get("/tile/0/000.p/5")).status).toBe(200);
    const wrong = [
      "0/000",
      "0/000.p/6",
      "0/000.p/0",
      "0/000.p/05",
      "0/000.p/256",
      "0/0",
      "00/000.p/5",
      "0/x000/000.p/5",
      "1/000.p/1",
      "64/000",
    ]
      .concat(["entries/000", "entries/000.p/6", "0/x999/x999/x999/x999/999", "-1/000", "0/000.p/5/", "0/%00"])
      .map((place) => `/tile/${place}`);
    for (const path of [...wrong, "/tile", "/", "/checkpoint/"])
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    expect((await get("/checkpoint", { method: "POST" })).status).toBe(405);
    await open(false);
    expect((await get("/checkpoint")).status).toBe(404);
  });

  test("429: an address asks so often and no oftener", async () => {
    const limited = await startServer({ env: { RATE_READ: "3" }, redis: null });
    await home(1);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => fetch(`${limited.url}/audit/${here.slug}/checkpoint`)),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([404, 404, 404, 429, 429]);
    expect(answers.find(({ status }) => status === 429)?.headers.get("retry-after")).toMatch(/^\d+$/);
  });
});
