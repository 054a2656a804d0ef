import { createHash } from "node:crypto";
import { builtInRoles } from "@dais/contracts/roles/builtIn";
import type postgres from "postgres";

/** What the contract declares and the database must know: which version of it the tables hold. */
const digest = createHash("sha256").update(JSON.stringify(builtInRoles)).digest("hex");
const name = "roles";

/** Whether the tables of reference hold what this version declares. Needs no more than what a server may do. */
export async function referenceIsCurrent(sql: postgres.Sql): Promise<boolean> {
  const [row] = await sql`select digest from reference where name = ${name}`;
  return row?.digest === digest;
}

/** Writes it. Called by whoever migrates, behind the lock of the migrations. */
export async function writeReference(sql: postgres.Sql): Promise<void> {
  await sql.begin(async (tx) => {
    const rows = builtInRoles.map(({ key, inherits, permissions }) => ({ key, inherits, permissions }));
    await tx`delete from roles where key <> all (${rows.map(({ key }) => key)})`;
    for (const { key, inherits, permissions } of rows) {
      await tx`insert into roles (key, inherits, permissions) values (${key}, ${inherits}, ${permissions})
        on conflict (key) do update set inherits = excluded.inherits, permissions = excluded.permissions`;
    }
    await tx`insert into reference (name, digest) values (${name}, ${digest})
      on conflict (name) do update set digest = excluded.digest`;
  });
}
