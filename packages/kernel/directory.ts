import type { Pool } from "./pool.ts";

/** A tenant as somebody may know it before they are in: its name. */
export type Entrance = { id: string; slug: string; name: { en: string; ar: string | null } };

/** The tenants that take a sign-in of this person of this directory, by their slugs. */
export async function entrancesFor(pool: Pool, tid: string, oid: string): Promise<Entrance[]> {
  const rows = await pool.hold("", (lane) =>
    lane.send("select id, slug, name_en, name_ar from tenants_of($1, $2)", [tid, oid]),
  );
  return rows.map((row) => ({
    id: row.id as string,
    slug: row.slug as string,
    name: { en: row.name_en as string, ar: row.name_ar as string | null },
  }));
}

/** Whether any tenant takes sign-ins of this directory. */
export async function directoryKnown(pool: Pool, tid: string): Promise<boolean> {
  const [row] = await pool.hold("", (lane) => lane.send("select directory_known($1) as known", [tid]));
  return row?.known === true;
}
