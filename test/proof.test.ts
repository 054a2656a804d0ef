import { spawnSync } from "node:child_process";
import { sign } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ProofBundle } from "@dais/contracts/audit";
import { idOf } from "@dais/contracts/kit/ids";
import { canonical } from "@dais/kernel/canonical";
import { signingKeys } from "@dais/kernel/proof/signing-keys";
import { sealer as sealerOf } from "@dais/kernel/seal";
import { ofFacts } from "@dais/modules/audit";
import { checkDatabase } from "@dais/verify/database/check";
import { readKeys } from "@dais/verify/keys";
import postgres from "postgres";
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { dropDatabase } from "./support/database.ts";
import { faces } from "./support/faces/speak.ts";
import { afterwards, cleanUp, scratchFolder } from "./support/programs.ts";
import { chances } from "./support/proof/chances.ts";
import { verifier } from "./support/proof/cli.ts";
import { atWork, aYear, erase, type Filled, said, sealedAll } from "./support/proof/filled.ts";
import { buildInGo } from "./support/proof/go.ts";
import type { Signs } from "./support/proof/signer.ts";
import { tamperings, tamperWith } from "./support/proof/tampering.ts";
import { aSignal } from "./support/samples.ts";
import { anEntry, type SealingHome, sealingHome, sealKey } from "./support/sealing.ts";
import { urlOfDatabase } from "./support/started.ts";

let home: SealingHome;
let log: Filled;
let other: Filled;
let sizes: number[];
let folder: string;
let keys: string;
let url: string;
beforeAll(async () => {
  home = await sealingHome();
  url = home.server.url;
  folder = scratchFolder();
  [log, other] = [await atWork(home, 150), await atWork(home, 20)];
  sizes = await aYear(home, log);
  await sealedAll(home, other);
  keys = await keysOf(log, "keys.txt");
}, 120_000);
afterAll(cleanUp);

const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
const keysOf = async ({ api }: Filled, name: string) => {
  const { items } = (await api.get("/audit/keys")).body;
  return file(name, `${items.map(({ vkey }: { vkey: string }) => vkey).join("\n")}\n`);
};
const checkpoint = async ({ api }: Filled, size?: number): Promise<string> =>
  (await api.get(`/audit/checkpoint${size === undefined ? "" : `?size=${size}`}`)).body.note;
const heldOf = async (of: Filled, name: string, size?: number) => file(name, await checkpoint(of, size));
/** Ids of entries under the latest checkpoint that stand for all kinds: the first, the last, what was erased, refused, read, moved. */
async function someOf({ place }: Filled): Promise<{ id: string; erased: boolean }[]> {
  return home.owner`
    select distinct on (a.outcome, a.actor_kind, a.event, a.erased_at is null, l.index = 0)
      a.id, a.erased_at is not null as erased
    from audit_leaves l join audit a on a.tenant_id = l.tenant_id and a.seq = l.seq where l.tenant_id = ${place.tenantId}`;
}

describe("a log that the product wrote and sealed", () => {
  test("has all there is: several tiles, three keys, refusals, reads, and what was erased before and after it was sealed", async () => {
    const [row] = await home.owner`
      select count(*)::int as entries, count(*) filter (where outcome = 'refused')::int as refused, count(*) filter (where outcome = 'read')::int as read,
        count(*) filter (where a.erased_at is not null)::int as erased,
        count(*) filter (where substring(l.data from 33) = decode(repeat('00', 32), 'hex'))::int as never
      from audit a join audit_leaves l on l.tenant_id = a.tenant_id and l.seq = a.seq where a.tenant_id = ${log.place.tenantId}`;
    expect(row?.entries).toBeGreaterThan(256);
    expect(row).toMatchObject({ erased: 2, never: 1 });
    expect(Math.min(row?.refused, row?.read)).toBeGreaterThan(0);
    expect((await home.keys(log.place)).map((key) => [key.until_at === null, key.lost_at === null])).toEqual([
      [false, true],
      [false, false],
      [true, true],
    ]);
  });

  test.each(Object.entries(faces))("audit.proof over %s is a bundle that the verifier proves", async (name, face) => {
    const ids = await someOf(log);
    expect(ids.filter(({ erased }) => erased).length).toBeGreaterThan(1);
    const proven = ids.map(async ({ id, erased }, n) => {
      const bundle = await said(face, url, log.key, "audit.proof", { id: idOf("aud", id) });
      const path = file(`${name}-${n}.json`, JSON.stringify(bundle));
      return { told: await verifier([path, "--key", keys, "--json"]), erased, id };
    });
    for (const { told, erased, id } of await Promise.all(proven)) {
      expect(told).toMatchObject({ status: 0 });
      expect(JSON.parse(told.stdout)).toMatchObject({
        ...{ ok: true, contentShown: !erased, facts: { id, tenantId: log.place.tenantId } },
      });
    }
  });

  test("a bundle of the facts alone is proven as well, and tells nothing of the content", async () => {
    const { id } = (await someOf(log)).find(({ erased }) => !erased) as { id: string };
    const whole = (await log.api.get(`/audit/${idOf("aud", id)}/proof`)).body;
    const path = file("facts.json", JSON.stringify(ofFacts(whole as ProofBundle)));
    const { status, stdout } = await verifier([path, "--key", keys, "--json"]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ ok: true, contentShown: false, content: null, facts: { id } });
    for (const told of [whole.entry.content.address, whole.entry.contentSalt].filter(Boolean))
      expect(readFileSync(path, "utf8")).not.toContain(told);
  });

  test("audit.proof as Go's own transparency log sees it, whole and of the facts alone", async () => {
    const built = buildInGo(join(folder, "go-verify"));
    if ("missing" in built) return expect(built.missing).toMatch(/^no Go, and /);
    const keysThen = (await log.api.get("/audit/keys")).body.items;
    for (const [n, { id }] of (await someOf(log)).entries()) {
      const { body } = await log.api.get(`/audit/${idOf("aud", id)}/proof`);
      const path = file(`go-${n}.json`, canonical(body));
      expect(spawnSync(built.program, ["bundle", path, keysThen[0].vkey], { encoding: "utf8" })).toMatchObject({
        status: 0,
      });
      expect(spawnSync(built.program, ["bundle", path, keysThen[1].vkey]).status).toBe(1);
      const facts = file(`go-facts-${n}.json`, canonical(ofFacts(body as ProofBundle)));
      expect(spawnSync(built.program, ["bundle", facts, keysThen[0].vkey]).status).toBe(0);
    }
  }, 600_000);

  test("audit.proof of one entry under each checkpoint that there has been, by the key of then", async () => {
    const { id } = (await someOf(log)).find(({ erased }) => erased) as { id: string };
    const [row] =
      await home.owner`select index::int from audit_leaves l join audit a on a.seq = l.seq where a.id = ${id}`;
    for (const size of sizes.filter((one) => one > Number(row?.index))) {
      const { body } = await log.api.get(`/audit/${idOf("aud", id)}/proof?size=${size}`);
      expect(await verifier([file(`at-${size}.json`, JSON.stringify(body)), "--key", keys])).toMatchObject({
        status: 0,
      });
    }
  });

  test("audit.consistency shows that the log only grew, across changes of its key", async () => {
    for (const [n, from] of sizes.entries())
      for (const to of sizes.slice(n)) {
        const grown = file(
          "growth.json",
          JSON.stringify((await log.api.get(`/audit/consistency?from=${from}&to=${to}`)).body),
        );
        const both = [await heldOf(log, "earlier.txt", from), await heldOf(log, "later.txt", to)];
        expect(await verifier(["--consistency", ...both, "--proof", grown, "--key", keys])).toMatchObject({
          status: 0,
        });
      }
    const foreign = await heldOf(other, "foreign.txt");
    const own = await heldOf(log, "earlier.txt", sizes[0]);
    const mixed = ["--consistency", foreign, own, "--proof", file("growth.json", "[]"), "--key", keys];
    expect(await verifier([...mixed, "--key", await keysOf(other, "others.txt")])).toMatchObject({ status: 1 });
  });

  test("its public tiles hold the whole log, at each size that was signed", async () => {
    const [tiles, note] = [`${url}/audit/${log.place.slug}`, await heldOf(log, "checkpoint.txt")];
    const args = (held: string) => ["--tiles", tiles, "--checkpoint", held, "--key", keys];
    expect(await verifier(args(note))).toMatchObject({ status: 1, stdout: expect.stringContaining("is missing") });
    expect((await log.admin.send("/audit/tiles", { method: "PUT", body: { open: true } })).status).toBe(200);
    expect(await verifier(args(note))).toMatchObject({ status: 0 });
    for (const size of sizes)
      expect(await verifier(args(await heldOf(log, "then.txt", size)))).toMatchObject({ status: 0 });
    expect(await (await fetch(`${tiles}/checkpoint`)).text()).toBe(await checkpoint(log));
  });

  test("the database agrees with every checkpoint that an auditor may hold, of either organisation", async () => {
    for (const size of sizes)
      expect(await database(home.connection.database, log, await heldOf(log, "then.txt", size), keys)).toMatchObject({
        status: 0,
      });
    const others = await keysOf(other, "others.txt");
    expect(await database(home.connection.database, other, await heldOf(other, "other.txt"), others)).toMatchObject({
      status: 0,
    });
  });

  test("the database agrees also while others write, are sealed, and have something erased", async () => {
    const note = await heldOf(log, "held.txt", sizes[1]);
    home.seal({ sealKeys: [sealKey("two")] });
    let busy = true;
    const writing = (async () => {
      for (let n = 0; busy; n += 1) {
        const { body } = await log.api.post("/signals", aSignal());
        if (n % 20 === 0) await erase(log, (await log.api.get(`/audit?resourceId=${body.signal.id}`)).body.items[0].id);
      }
    })();
    const answers = [];
    for (let n = 0; n < 5; n += 1) answers.push(await database(home.connection.database, log, note, keys));
    busy = false;
    await writing;
    // Between an erasure and its own signature nothing proves it yet, and that is all that may be wanting.
    const said = answers.map(({ status, stdout }) => [status, stdout.split("\n")[0]]);
    for (const one of said)
      expect([
        [0, "The database agrees with the checkpoint"],
        [1, "NOT PROVEN YET: erasures wait to be signed"],
      ]).toContainEqual(one);
    await sealedAll(home, log);
    await home.rest();
  });
});

describe("a copy of its database", () => {
  let note: string;
  let size: number;
  let thief: Signs;
  let original: string;
  let copy: postgres.Sql;
  beforeAll(async () => {
    const latest = (await log.api.get("/audit/checkpoint")).body;
    [note, size, original] = [file("held.txt", latest.note), latest.size, home.connection.database];
    for (let n = 0; n < 5; n += 1) await log.api.post("/signals", aSignal());
    home.seal({ sealKeys: [sealKey("two")] });
    await sealedAll(home, log);
    await home.rest();
    for (let n = 0; n < 3; n += 1) await log.api.post("/signals", aSignal());
    thief = await stolen();
    await home.server.stop();
    await home.owner.end();
    copy = opened(await copied());
  }, 60_000);

  /** The log's own key, as who has the sealing keys can open it. */
  async function stolen(): Promise<Signs> {
    const key = (await home.keys(log.place)).find(({ until_at }) => until_at === null) as Record<
      "name" | "key_id" | "sealed_private",
      string
    >;
    const { tenantId } = log.place;
    const own = signingKeys(sealerOf([sealKey("two")])).open(tenantId, key.key_id, key.sealed_private);
    const line = (text: string) => {
      const signature = sign(null, Buffer.from(text), own as NonNullable<typeof own>);
      return `— ${key.name} ${Buffer.concat([Buffer.from(key.key_id, "hex"), signature]).toString("base64")}\n`;
    };
    return { name: key.name, id: key.key_id, line };
  }

  async function copied(): Promise<string> {
    const name = `dais_proof_${process.pid}_${crypto.randomUUID().slice(0, 8)}`;
    const sql = opened("postgres");
    // Whoever was connected may still be on their way out.
    await vi.waitFor(() => sql.unsafe(`create database ${name} template ${original}`), { timeout: 20_000 });
    afterwards(() => dropDatabase({ ...inject("postgres"), database: name }));
    return name;
  }

  function opened(name: string): postgres.Sql {
    const sql = postgres({ ...inject("postgres"), database: name, max: 1, idle_timeout: 1, onnotice: () => {} });
    afterwards(() => sql.end());
    return sql;
  }

  const reach = (sql: postgres.TransactionSql, n: number) => {
    const { tenantId } = log.place;
    return { sql, tenantId, origin: thief.name, size, key: thief, random: chances(n + 1) };
  };
  const all = Object.entries(tamperings).flatMap(([kind, { times }]) =>
    Array.from({ length: times }, (_, nth) => ({ kind, nth })),
  );

  test("0: untouched, with what was sealed later and what waits", async () => {
    const { status, stdout } = await database(await copied(), log, note, keys);
    expect([status, stdout]).toEqual([
      0,
      expect.stringMatching(`${size} under the checkpoint, 5 sealed after it, 3 waiting`),
    ]);
  });

  test(`1: tampered with in each of ${all.length} ways, by somebody with all keys, under the checkpoint that the auditor holds`, async () => {
    expect(all.length).toBeGreaterThanOrEqual(100);
    const asked = {
      slug: log.place.slug,
      note: readFileSync(note, "utf8"),
      keys: readKeys([readFileSync(keys, "utf8")]),
    };
    const undone = new Error("undone");
    const missed: string[] = [];
    for (const [n, { kind, nth }] of all.entries())
      await copy
        .begin(async (tx) => {
          await tamperWith(reach(tx, n), kind, nth);
          const { wrong, findings } = await checkDatabase(tx, asked);
          if (wrong === 0 || findings.length === 0) missed.push(`${kind} (${nth})`);
          throw undone;
        })
        .catch((error) => {
          if (error !== undone) throw new Error(`${kind} (${nth})`, { cause: error });
        });
    expect(missed).toEqual([]);
    expect(await copy.begin((tx) => checkDatabase(tx, asked))).toMatchObject({ wrong: 0 });
  }, 240_000);

  test.each([
    ["an entry is deleted", /#\d+ +its entry \(seq \d+\) is gone/],
    [
      "an entry, its leaf and the tiles are changed together",
      /do not lead to the root of the checkpoint that you hold/,
    ],
    ["the whole log is forged with the log's own key", /do not lead to the root of the checkpoint that you hold/],
    ["an entry is put in between old ones", /beside .*was put in past the sealing/],
    ["content is erased by what was no erasure", /was erased by no erasure that was for it/],
  ])("1: `verify` says so: %s", async (kind, finding) => {
    const name = await copied();
    await opened(name).begin((tx) => tamperWith(reach(tx, 7), kind));
    const { status, stdout } = await database(name, log, note, keys);
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^NOT AS IT WAS SEALED/)]);
    expect(stdout).toMatch(finding);
  });

  test("0: restored elsewhere, where transactions are counted anew, and written to before it is sealed again", async () => {
    const name = await copied();
    await opened(name).begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      await tx`update audit set xid = (xid::text::numeric + 1000000000)::text::xid8`;
      await tx`update audit_trees set sealed_through = (sealed_through::text::numeric + 1000000000)::text::xid8`;
      await tx`insert into audit ${tx(anEntry(log.place))}`;
    });
    const { status, stdout } = await database(name, log, note, keys);
    expect([status, stdout]).toEqual([0, expect.stringMatching("4 waiting")]);
  });
});

/** Compares a database with a checkpoint, as an auditor does. */
const database = (name: string, { place: { slug } }: Filled, held: string, by: string) =>
  verifier([
    "--database",
    urlOfDatabase({ ...inject("postgres"), database: name }),
    "--tenant",
    slug,
    "--checkpoint",
    held,
    "--key",
    by,
  ]);
