import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkDatabase } from "@dais/verify/database/check";
import { checkDatabaseAt } from "@dais/verify/database/connect";
import { readKeys } from "@dais/verify/keys";
import type postgres from "postgres";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cleanUp, scratchFolder } from "./support/programs.ts";
import { chances } from "./support/proof/chances.ts";
import { verifier } from "./support/proof/cli.ts";
import { copyOf, type Sealed, sealedDatabase } from "./support/proof/database.ts";
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

  test("0: an erased entry, whose erasure is in the log, still counts", async () => {
    const checked = await found(async (sql) => {
      await sql`set local session_replication_role = replica`;
      await sql`update audit set session_id = null, address = null, before_digest = null, after_digest = null, changes = null,
        reason = null, decision = null, trace_id = null, idempotency_key = null, content_salt = null, erased_at = now(),
        erasure_id = (select resource_id from audit where tenant_id = ${log.tenantId} and operation = 'erasures.erase' limit 1)
        where seq = (select seq from audit_leaves where tenant_id = ${log.tenantId} and index = 5)`;
    });
    expect(checked).toMatchObject({ wrong: 0, erased: 1 });
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
