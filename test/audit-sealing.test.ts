import { randomBytes } from "node:crypto";
import { sealBatch } from "@dais/kernel/proof/batch";
import { signingKeys } from "@dais/kernel/proof/signing-keys";
import { sealer } from "@dais/kernel/seal";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { rootFromLeaves, rootOfNote } from "./support/naive-log.ts";
import type { Place } from "./support/place.ts";
import { restClient } from "./support/rest.ts";
import { anEntry, type SealingHome, sealingHome, sealKey, writeEntries } from "./support/sealing.ts";

let home: SealingHome;
beforeAll(async () => {
  home = await sealingHome();
});
afterEach(() => home.rest());

const sealedAll = (here: Place, count: number) => expect.poll(() => home.size(here)).toBe(count);
const ascending = <T>(some: readonly T[], less: (a: T, b: T) => boolean) =>
  some.every((one, n) => n === 0 || less(some[n - 1] as T, one));

describe("the sealer", () => {
  test("gives every entry one leaf, in the order of transactions, under a signature", async () => {
    const here = await home.place();
    await writeEntries(home.owner, here, 700);
    home.seal();
    await sealedAll(here, 700);
    const leaves = await home.leaves(here);
    expect(leaves.map(({ index }) => Number(index))).toEqual(leaves.map((_, n) => n));
    const order = (a: Record<string, unknown>, b: Record<string, unknown>) =>
      BigInt(a.xid as string) < BigInt(b.xid as string) || (a.xid === b.xid && Number(a.seq) < Number(b.seq));
    expect(ascending([...leaves], order)).toBe(true);
    expect(rootOfNote(await home.note(here))).toEqual(await rootFromLeaves(home.owner, here));
  });

  test("signs nothing anew where nothing is new", async () => {
    const here = await home.place();
    await writeEntries(home.owner, here, 1);
    home.seal();
    await sealedAll(here, 1);
    const others = await home.place();
    for (let n = 1; n <= 3; n += 1) {
      await writeEntries(home.owner, others, 1);
      await sealedAll(others, n);
    }
    expect(await home.owner`select 1 from audit_checkpoints where tenant_id = ${here.tenantId}`).toHaveLength(1);
  });

  test("an organisation without entries has no tree, and one of a single entry a tree of one", async () => {
    const [empty, single] = [await home.place(), await home.place()];
    await writeEntries(home.owner, single, 1);
    home.seal();
    await sealedAll(single, 1);
    expect(await home.owner`select 1 from audit_trees where tenant_id = ${empty.tenantId}`).toHaveLength(0);
    expect(rootOfNote(await home.note(single))).toEqual(await rootFromLeaves(home.owner, single));
  });

  test("lets nobody wait for the backlog of another organisation", async () => {
    const [late, ...others] = await Promise.all(Array.from({ length: 9 }, () => home.place()));
    if (!late) throw new Error("no place");
    await writeEntries(home.owner, late, 5000);
    for (const one of others) await writeEntries(home.owner, one, 1);
    home.seal();
    await Promise.all(others.map((one) => sealedAll(one, 1)));
    const ids = others.map(({ tenantId }) => tenantId);
    // In the order of transactions, whatever the machine is busy with.
    const [{ before } = {}] = await home.owner`
      select count(*)::int as before from audit_leaves where tenant_id = ${late.tenantId} and xmin::text::bigint <
        (select max(xmin::text::bigint) from audit_checkpoints where tenant_id = any (${ids}))`;
    expect(before).toBeLessThanOrEqual(2000);
    await sealedAll(late, 5000);
    expect(rootOfNote(await home.note(late))).toEqual(await rootFromLeaves(home.owner, late));
  });

  test("skips nobody: what slow writers commit late, in any order, is waited for", async () => {
    const here = await home.place();
    home.seal();
    const log: string[] = [];
    /** Writes at once, and commits when it is told to. */
    const writer = async (name: string) => {
      const line = await home.owner.reserve();
      await line`begin`;
      await line`insert into audit ${line(anEntry(here, { request_id: name }))}`;
      return async (how: "commit" | "rollback") => {
        log.push(name);
        await line.unsafe(how);
        line.release();
      };
    };
    const [first, second, third] = [await writer("first"), await writer("second"), await writer("third")];
    await third("commit");
    await second("commit");
    // The sealer is alive, and seals what cannot have gaps: others' entries would be skipped if it went on.
    const other = home.systemLane();
    const batch = { tenantId: here.tenantId, most: 100, last: true, keys: { open: () => null }, now: new Date() };
    await expect.poll(() => home.owner`select 1 from audit_trees where tenant_id = ${here.tenantId}`).toBeDefined();
    await home.owner`insert into audit_trees (tenant_id, origin) values (${here.tenantId}, 'x/audit/y') on conflict do nothing`;
    expect((await sealBatch(other, batch))?.entries ?? 0).toBe(0);
    expect(await home.leaves(here)).toHaveLength(0);
    await first("commit");
    await expect.poll(async () => (await home.leaves(here)).length).toBe(3);
    const leaves =
      await home.owner`select a.request_id from audit_leaves l join audit a on a.seq = l.seq where l.tenant_id = ${here.tenantId} order by l.index`;
    expect(leaves.map((row) => row.request_id)).toEqual(["first", "second", "third"]);
    expect(log).toEqual(["third", "second", "first"]);
    await other.close();
  });

  test("skips nobody, with writers who begin, commit and give up at random", async () => {
    const here = await home.place();
    home.seal();
    home.seal();
    let seed = 20261121;
    const chance = (below: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % below;
    };
    let written = 0;
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let n = 0; n < 25; n += 1) {
          const [count, gives, waits] = [1 + chance(3), chance(5) === 0, chance(20)];
          await home.owner
            .begin(async (tx) => {
              await writeEntries(tx, here, count);
              await tx`select pg_sleep(${waits / 1000})`;
              if (gives) throw new Error("given up");
            })
            .then(
              () => (written += count),
              () => {},
            );
        }
      }),
    );
    await sealedAll(here, written);
    expect(await home.entries(here)).toBe(written);
    const leaves = await home.leaves(here);
    expect(new Set(leaves.map(({ seq }) => seq)).size).toBe(written);
    expect(rootOfNote(await home.note(here))).toEqual(await rootFromLeaves(home.owner, here));
  });

  test("goes on where it was left: killed in mid-batch, and after an hour's backlog", async () => {
    const here = await home.place();
    await writeEntries(home.owner, here, 300);
    const first = home.seal();
    await sealedAll(here, 300);
    await first.stop();
    await writeEntries(home.owner, here, 2000);
    const second = home.seal();
    await expect.poll(async () => (await home.leaves(here)).length).toBeGreaterThan(300);
    // Its connection dies under it, wherever it is; it takes another.
    await home.owner`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'dais sealing' and datname = ${home.connection.database}`;
    await sealedAll(here, 2300);
    await second.stop();
    const leaves = await home.leaves(here);
    expect(new Set(leaves.map(({ seq }) => seq)).size).toBe(2300);
    expect(rootOfNote(await home.note(here))).toEqual(await rootFromLeaves(home.owner, here));
  });

  test("run twice at once, one works and the other stands back", async () => {
    const here = await home.place();
    await writeEntries(home.owner, here, 5);
    await home.owner`insert into audit_trees (tenant_id, origin) values (${here.tenantId}, 'dais.test/audit/twice')`;
    const batch = { tenantId: here.tenantId, most: 100, last: true, keys: { open: () => null }, now: new Date() };
    const [one, other] = [home.systemLane(), home.systemLane()];
    await one.send("begin");
    await one.send("select 1 from audit_trees where tenant_id = $1 for update", [here.tenantId]);
    expect(await sealBatch(other, batch)).toBeNull();
    await one.send("rollback");
    // Whoever else has a transaction open in this Postgres holds both up.
    let sealed = 0;
    await expect
      .poll(async () => {
        const both = await Promise.all([sealBatch(one, batch), sealBatch(other, batch)]);
        sealed += both.reduce((sum, its) => sum + (its?.entries ?? 0), 0);
        return sealed;
      })
      .toBe(5);
    await Promise.all([one.close(), other.close()]);
  });

  test("takes entries of 1 MB, a few at a time, and small ones behind them", async () => {
    const here = await home.place();
    const text = randomBytes(512 * 1024).toString("hex");
    await writeEntries(home.owner, here, 12, { changes: { text: [null, text] } });
    await writeEntries(home.owner, here, 40, { changes: { text: [null, "a".repeat(1_000_000)] } });
    await writeEntries(home.owner, here, 3);
    const line = home.systemLane();
    await home.owner`insert into audit_trees (tenant_id, origin) values (${here.tenantId}, 'dais.test/audit/large')`;
    const batch = { tenantId: here.tenantId, most: 1000, last: false, keys: { open: () => null }, now: new Date() };
    expect(await sealBatch(line, batch)).toMatchObject({ entries: 8, more: true, large: true });
    await line.close();
    home.seal();
    await sealedAll(here, 55);
    expect(rootOfNote(await home.note(here))).toEqual(await rootFromLeaves(home.owner, here));
  });

  test("goes on in a copy of the database, whose transactions are counted from a lower number", async () => {
    const here = await home.place();
    await writeEntries(home.owner, here, 4);
    const before = home.seal();
    await sealedAll(here, 4);
    await before.stop();
    // As a dump that was read back elsewhere looks: numbers that are still to come here, and one entry that had not been sealed.
    await home.owner`update audit_trees set sealed_through = '900000000' where tenant_id = ${here.tenantId}`;
    await home.owner`insert into audit ${home.owner(anEntry(here, { xid: "900000001", request_id: "from there" }))}`;
    await writeEntries(home.owner, here, 2);
    home.seal();
    await sealedAll(here, 7);
    await writeEntries(home.owner, here, 1);
    await sealedAll(here, 8);
    const leaves = await home.leaves(here);
    expect(new Set(leaves.map(({ seq }) => seq)).size).toBe(8);
    expect(rootOfNote(await home.note(here))).toEqual(await rootFromLeaves(home.owner, here));
  });
});

describe("beside the sealer", () => {
  test("writers are ended after ten seconds without a word, so that nobody holds the log up for longer", async () => {
    const [rows] = await Promise.all([
      home.server.app.hold("", (line) =>
        Promise.all(
          ["statement_timeout", "idle_in_transaction_session_timeout"].map((name) => line.send(`show ${name}`)),
        ),
      ),
    ]);
    expect(rows.map(([row]) => Object.values(row as object)[0])).toEqual(["10s", "10s"]);
  });

  test("writers wait for nobody: an entry commits while a batch is under way", async () => {
    const here = await home.place();
    await writeEntries(home.owner, here, 3);
    await home.owner`insert into audit_trees (tenant_id, origin) values (${here.tenantId}, 'dais.test/audit/beside')`;
    const line = home.systemLane();
    await line.send("begin");
    await line.send("select 1 from audit_trees where tenant_id = $1 for update", [here.tenantId]);
    await line.send(
      "insert into audit_leaves (tenant_id, index, seq, data) select tenant_id, 0, seq, salt::bytea from audit where tenant_id = $1 limit 1",
      [here.tenantId],
    );
    await home.owner.begin(async (tx) => {
      await tx`set local lock_timeout = '50ms'`;
      await writeEntries(tx, here, 1);
    });
    const api = restClient(home.server.url, await here.key());
    expect((await api.post("/entities", { key: "site", name: { en: "Site" }, kind: "company" })).status).toBe(201);
    await line.send("rollback");
    await line.close();
  });

  test("what was sealed stays as it is, whoever asks", async () => {
    const here = await home.place();
    await writeEntries(home.owner, here, 3);
    home.seal();
    await sealedAll(here, 3);
    const its = home.owner`tenant_id = ${here.tenantId}`;
    const sql = home.owner;
    const tries = [
      sql`update audit_leaves set data = data where ${its}`,
      sql`delete from audit_leaves where ${its}`,
      sql`delete from audit_nodes where ${its}`,
      sql`update audit_nodes set hashes = set_byte(hashes, 0, (get_byte(hashes, 0) + 1) % 256) where ${its}`,
      sql`update audit_nodes set hashes = substring(hashes for 32) where ${its}`,
      sql`update audit_checkpoints set note = '' where ${its}`,
      sql`delete from audit_checkpoints where ${its}`,
      sql`update audit_trees set size = 1 where ${its}`,
      sql`update audit_trees set origin = 'other' where ${its}`,
      sql`delete from audit_trees where ${its}`,
      sql`update audit_keys set public_key = '' where ${its}`,
      sql`delete from audit_keys where ${its}`,
      sql`truncate audit_leaves`,
    ];
    for (const one of tries) await expect(one).rejects.toMatchObject({ code: "DA002" });
  });

  test("the server's role for sealing may read entries, and change no more than the log", async () => {
    const may = async (privilege: string) =>
      (
        await home.owner`select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
          and c.relname like 'audit%' and has_any_column_privilege('dais_system', c.oid, ${privilege}) order by 1`
      ).map(({ relname }) => relname);
    const log = ["audit_checkpoints", "audit_leaves", "audit_nodes", "audit_trees"];
    expect(await may("SELECT")).toEqual(["audit", ...log, "audit_keys"].sort());
    expect(await may("INSERT")).toEqual(log);
    expect(await may("UPDATE")).toEqual(["audit_nodes", "audit_trees"]);
  });
});

describe("keys of the log", () => {
  test("one that can't be opened is lost: there is a new one, on record and told, and old checkpoints stay good", async () => {
    const here = await home.place();
    await writeEntries(home.owner, here, 2);
    const before = home.seal();
    await sealedAll(here, 2);
    const old = await home.note(here);
    await before.stop();
    await writeEntries(home.owner, here, 1);
    home.seal({ sealKeys: [sealKey("another")], lostAfterMs: 50 });
    // The loss itself is an entry.
    await sealedAll(here, 4);
    const [lost, now] = await home.keys(here);
    expect(lost).toMatchObject({ lost_at: expect.any(Date), until_at: expect.any(Date), sealed_private: null });
    expect(now).toMatchObject({ lost_at: null, until_at: null });
    expect((await here.trail(here.tenantId)).at(-1)).toMatchObject({
      ...{ action: "audit.keep_key", actor_kind: "system" },
      decision: { reason: "lost", keyId: now?.key_id, formerKeyId: lost?.key_id },
    });
    const [told] =
      await home.owner`select payload from outbox where tenant_id = ${here.tenantId} and name = 'audit.key_rotated'`;
    expect(told?.payload).toMatchObject({ reason: "lost", keyId: now?.key_id, formerKeyId: lost?.key_id });
    const [kept] = await home.owner`select note from audit_checkpoints where tenant_id = ${here.tenantId} and size = 2`;
    expect(kept?.note).toBe(old);
  });

  test("a process with other sealing keys gives those who can sign the time to do it", async () => {
    const here = await home.place();
    await writeEntries(home.owner, here, 2);
    home.seal();
    await sealedAll(here, 2);
    home.seal({ sealKeys: [sealKey("another")] });
    for (let n = 3; n < 8; n += 1) {
      await writeEntries(home.owner, here, 1);
      await sealedAll(here, n);
    }
    expect(await home.keys(here)).toHaveLength(1);
  });

  test("two processes that begin at once agree on one", async () => {
    const here = await home.place();
    await writeEntries(home.owner, here, 2);
    for (let n = 0; n < 3; n += 1) home.seal();
    await sealedAll(here, 2);
    expect(await home.keys(here)).toHaveLength(1);
  });

  test("a sealed key opens for its organisation and its id alone", () => {
    const keys = signingKeys(sealer([sealKey("one")]));
    const [mine, theirs] = [crypto.randomUUID(), crypto.randomUUID()];
    const { keyId, sealed } = keys.make(mine, "dais.test/audit/mine");
    const fresh = () => signingKeys(sealer([sealKey("two"), sealKey("one")]));
    expect(fresh().open(mine, keyId, sealed)).not.toBeNull();
    expect(fresh().open(theirs, keyId, sealed)).toBeNull();
    expect(fresh().open(mine, "00000000", sealed)).toBeNull();
    expect(signingKeys(sealer([sealKey("two")])).open(mine, keyId, sealed)).toBeNull();
  });
});
