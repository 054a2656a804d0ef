import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { digest } from "@dais/kernel/canonical";
import { checkDatabase } from "@dais/verify/database/check";
import { checkDatabaseAt } from "@dais/verify/database/connect";
import { readKeys } from "@dais/verify/keys";
import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanUp, scratchFolder } from "./support/programs.ts";
import { chances } from "./support/proof/chances.ts";
import { verifier } from "./support/proof/cli.ts";
import { copyOf, type Sealed, sealedDatabase } from "./support/proof/database.ts";
import { entryOf, erasureOf, uuidOf } from "./support/proof/log.ts";
import { eraseEntry, insertEntries, insertErasure, nameEntry } from "./support/proof/rows.ts";
import { tamperings, tamperWith } from "./support/proof/tampering.ts";

let log: Sealed;
beforeAll(async () => {
  log = await sealedDatabase({ entries: 700, sizes: [0, 1, 9, 100, 256, 650, 700], held: 650, waiting: 3 });
});
afterAll(cleanUp);

const asked = () => ({ slug: log.slug, note: log.note, keys: readKeys([log.by.vkey]) });

/** Does something within a transaction, answers with what the verifier then finds there, and undoes it. */
async function found(change: (sql: postgres.TransactionSql) => Promise<unknown>) {
  const undone = new Error("undone");
  let checked: Awaited<ReturnType<typeof checkDatabase>> | undefined;
  await log.sql
    .begin(async (tx) => {
      await change(tx);
      checked = await checkDatabase(tx, asked());
      throw undone;
    })
    .catch((error) => {
      if (error !== undone) throw error;
    });
  return checked as NonNullable<typeof checked>;
}

describe("a database", () => {
  test("untouched agrees with the checkpoint", async () => {
    const checked = await checkDatabaseAt(log.url, asked());
    expect(checked).toMatchObject({ entries: 650, later: 50, waiting: 3, erased: 0, wrong: 0, findings: [] });
  });

  const all = Object.entries(tamperings).flatMap(([kind, { times }]) =>
    Array.from({ length: times }, (_, nth) => ({ kind, nth })),
  );

  test("is tampered with in at least a hundred ways", () => expect(all.length).toBeGreaterThanOrEqual(100));

  test.each(all)("tampered with is found out: $kind ($nth)", async ({ kind, nth }) => {
    const { tenantId, by } = log;
    const random = chances(all.findIndex((one) => one.kind === kind && one.nth === nth) + 1);
    const { wrong, findings } = await found((sql) =>
      tamperWith({ sql, tenantId, origin: by.name, size: 650, key: by, random }, kind, nth),
    );
    expect(wrong).toBeGreaterThan(0);
    expect(findings.length).toBeGreaterThan(0);
  });
});

/** Does an erasure with all that belongs to it; then what somebody does to it. */
const erasing = (n: number, meddle: (sql: postgres.TransactionSql, at: At) => Promise<unknown> = async () => {}) =>
  found(async (sql) => {
    await sql`set local session_replication_role = replica`;
    const erasure = erasureOf(n);
    await insertErasure(sql, log.tenantId, n);
    for (const entryId of erasure.entryIds) await eraseEntry(sql, entryId, erasure.id);
    await meddle(sql, { ...erasure, tenantId: log.tenantId, victim: uuidOf("entry 99") });
  });
type At = ReturnType<typeof erasureOf> & { tenantId: string; victim: string };

describe("content that is gone without an erasure that was for it", () => {
  const byNone = { what: "was erased by no erasure that was for it" };
  const byAnother = { what: "was erased by an erasure that is not the one which was decided about" };

  test("is found: an erasure's id is borrowed", async () => {
    const checked = await erasing(50, (sql, { id, victim }) => eraseEntry(sql, victim, id));
    expect(checked).toMatchObject({ wrong: 1, findings: [{ ...byNone, id: uuidOf("entry 99") }] });
  });

  test("is found: the erasure is made one of more entries, or of another reason", async () => {
    const more = await erasing(50, async (sql, { id, tenantId, victim }) => {
      await nameEntry(sql, tenantId, id, victim);
      await eraseEntry(sql, victim, id);
    });
    expect(more).toMatchObject({ wrong: 3, findings: [byAnother, byAnother, byAnother] });
    const other = await erasing(50, (sql, { id }) => sql`update erasures set reason = 'Another law.' where id = ${id}`);
    expect(other).toMatchObject({ wrong: 2, findings: [byAnother, byAnother] });
  });

  test("is found: its erasure, or the entry that says so, is not there, or says what can't be told any more", async () => {
    const none = { what: "was erased, and the log knows of no such erasure" };
    const gone = await erasing(50, (sql, { id }) => sql`delete from erasures where id = ${id}`);
    expect(gone).toMatchObject({ wrong: 2, findings: [none, none] });
    // Of number 750 there is no entry.
    expect(await erasing(750)).toMatchObject({ wrong: 2, findings: [none, none] });
    const erased = await erasing(50, (sql, { id }) => eraseEntry(sql, uuidOf("entry 50"), id));
    expect(erased.findings.map(({ what }) => what)).toContain(
      "was erased by an erasure whose own entry was erased, so that nothing proves it any more",
    );
  });

  test("is found: an erase entry is put in unsealed, beside one that is sealed, or where no entry waits by rule", async () => {
    const beside = await erasing(50, async (sql, { id, tenantId, victim }) => {
      await nameEntry(sql, tenantId, id, victim);
      await eraseEntry(sql, victim, id);
      const sha256 = createHash("sha256").update(
        [...erasureOf(50).entryIds, victim]
          .sort()
          .map((one) => `${one},`)
          .join(""),
      );
      const contentSha256 = digest({ entriesSha256: sha256.digest("hex"), reason: erasureOf(50).reason });
      const { facts, content, ...salts } = entryOf(750, tenantId);
      await insertEntries(sql, [
        { ...salts, facts: { ...facts, resourceId: id }, content: { ...content, decision: { contentSha256 } } },
      ]);
    });
    expect(beside).toMatchObject({ wrong: 3, findings: [byAnother, byAnother, byAnother] });
    const late = await erasing(750, async (sql, { tenantId }) => {
      const { facts, ...rest } = entryOf(750, tenantId);
      await insertEntries(sql, [{ ...rest, facts: { ...facts, at: "2026-11-21T08:00:00.000Z" } }]);
    });
    const past = { what: "was erased by an erasure whose entry was put in past the sealing" };
    expect(late).toMatchObject({ erasing: 0, findings: [{ what: expect.stringMatching("put in later") }, past, past] });
  });

  test("is no agreement, and no finding: its erase entry is still to be sealed, or sealed and still to be signed", async () => {
    const waits = await erasing(750, (sql, { tenantId }) => insertEntries(sql, [entryOf(750, tenantId)]));
    expect(waits).toMatchObject({ wrong: 0, erased: 2, erasing: 2, waiting: 4 });
    const unsigned = await erasing(
      650,
      (sql, { tenantId }) => sql`delete from audit_checkpoints where tenant_id = ${tenantId} and size > 650`,
    );
    expect(unsigned).toMatchObject({ wrong: 0, erased: 2, erasing: 2 });
  });
});

describe("verify --database", () => {
  const args = (of: Sealed, note: string) => {
    const folder = scratchFolder();
    writeFileSync(join(folder, "checkpoint"), note);
    return ["--database", of.url, "--tenant", of.slug, "--checkpoint", join(folder, "checkpoint"), "--key", of.by.vkey];
  };

  test("0, then 1 where a copy of the database was tampered with, 2 where it can't see all", async () => {
    expect(await verifier(args(log, log.note))).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(
        /^The database agrees with the checkpoint\n.*650 under the checkpoint, 50 sealed after it, 3 waiting/,
      ),
    });
    const copy = await copyOf(log);
    const { tenantId, by } = log;
    await copy.sql.begin((sql) =>
      tamperWith({ sql, tenantId, origin: by.name, size: 650, key: null, random: chances(7) }, "an entry is deleted"),
    );
    const { status, stdout } = await verifier(args(copy, log.note));
    expect([status, stdout]).toEqual([
      1,
      expect.stringMatching(/^NOT AS IT WAS SEALED: .*\n {2}#\d+ +its entry \(seq \d+\) is gone\n/),
    ]);
    const told = await verifier([...args(copy, log.note), "--json"]);
    expect(JSON.parse(told.stdout)).toMatchObject({ ok: false, wrong: expect.any(Number), entries: 650 });
    const blind = await checkDatabaseAt(log.url, { ...asked(), slug: "nobody" }).catch((error: Error) => error);
    expect(blind).toMatchObject({ name: "Usage" });
  });

  test("0: entries that were erased by an erasure which was for them, and which the log has under a signature", async () => {
    expect(await erasing(50)).toMatchObject({ wrong: 0, erased: 2, erasing: 0 });
    expect(await erasing(650)).toMatchObject({ wrong: 0, erased: 2, erasing: 0 });
  });

  test("1: says what waits for its erasure to be signed", async () => {
    const copy = await copyOf(log);
    const { entryIds, id } = erasureOf(750);
    await copy.sql.begin(async (sql) => {
      await sql`set local session_replication_role = replica`;
      await insertErasure(sql, log.tenantId, 750);
      for (const entryId of entryIds) await eraseEntry(sql, entryId, id);
      await insertEntries(sql, [entryOf(750, log.tenantId)]);
    });
    const { status, stdout } = await verifier(args(copy, log.note));
    expect([status, stdout]).toEqual([1, expect.stringMatching(/^NOT PROVEN YET: .*\n {2}erasing +2 erased by what/)]);
  });

  test("0: a hundred thousand entries, within 150 MB", async () => {
    const large = await sealedDatabase({ entries: 100_000, sizes: [1, 50_000, 100_000] });
    // Not `resourceUsage().maxRSS`: Linux lets a child begin with what its parent had, and this parent has just made all these entries.
    const measure = `import { readFileSync } from "node:fs";
      process.on("exit", () => process.stderr.write(/VmHWM:\\s+(\\d+) kB/.exec(readFileSync("/proc/self/status", "utf8"))[1]))`;
    const flags = ["--import", `data:text/javascript,${encodeURIComponent(measure)}`];
    const { status, stdout, stderr } = await verifier(args(large, large.note), flags);
    expect([status, stdout]).toEqual([0, expect.stringContaining("100000 under the checkpoint")]);
    process.stdout.write(`100 000 entries: ${Math.round(Number(stderr) / 1024)} MB\n`);
    expect(Number(stderr)).toBeLessThan(150 * 1024);
  }, 600_000);
});
