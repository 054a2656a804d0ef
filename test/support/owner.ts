import postgres from "postgres";
import { inject, vi } from "vitest";

let owner: postgres.Sql | undefined;

/** The database as its owner sees it, over all tenants: for setting the stage and for looking behind it. */
export function asOwner(): postgres.Sql {
  owner ??= postgres({ ...inject("postgres"), max: 2, onnotice: () => {}, idle_timeout: 5 });
  return owner;
}

/** Waits until whatever was committed by now can be sealed or exported: no transaction that began before is still open in this Postgres. */
export async function settled(): Promise<void> {
  const [mark] = await asOwner()`select pg_current_xact_id()::text as xid`;
  const past = async () =>
    (await asOwner()`select pg_snapshot_xmin(pg_current_snapshot())::text::numeric > ${mark?.xid}::numeric as past`)[0]
      ?.past;
  await vi.waitUntil(past, { timeout: 30_000, interval: 5 });
}
