import { isDeepStrictEqual } from "node:util";
import { canonical, sha256 } from "@dais/kernel/canonical";
import type postgres from "postgres";
import { once, type Side } from "./load.ts";

/** @throws Error where the two don't answer the same, byte for byte. */
export async function sameAnswers(a: Side, b: Side): Promise<void> {
  const [one, other] = [(await once(a)).body, (await once(b)).body];
  if (one !== other) throw new Error(`${a.subject.name} and ${b.subject.name} differ:\n${one}\n${other}`);
}

/** A command whose answer is what it made or changed: the row `uuid` of `table`. */
export type Effect = { table: "entities" | "signals" | "posture_changes"; answer: { id: string }; uuid: string };

/**
 * @throws Error where two commands of the same kind haven't answered the same or left the same rows. Ids, moments, salts and hashes
 * differ by themselves; that the hash of the outcome is the right one is checked.
 */
export async function sameEffects(owner: postgres.Sql, one: Effect, other: Effect): Promise<void> {
  const [left, right] = [await traces(owner, one), await traces(owner, other)];
  if (!isDeepStrictEqual(left, right)) throw new Error(`Different traces:\n${left}\n${right}`);
}

async function traces(owner: postgres.Sql, { table, answer, uuid }: Effect): Promise<string> {
  const made = await owner`select * from ${owner(table)} where id = ${uuid}`;
  const audit = await owner`select * from audit where resource_id = ${uuid} order by seq`;
  const outbox = await owner`select * from outbox where resource_id = ${uuid} order by seq`;
  const keys =
    await owner`select * from idempotency where key in ${owner(audit.map((row) => row.idempotency_key))} order by created_at`;
  if (audit.at(-1)?.after_digest !== sha256(canonical(answer)))
    throw new Error("The audit entry is of something else.");
  const beside = await owner`select * from posture where id = ${uuid}`;
  const rows = [...made, ...beside, ...audit, ...outbox, ...keys].map(({ seq, xid, address, ...row }) => row);
  return JSON.stringify([answer, ...rows], null, 1)
    .replace(/\b[0-9a-f]{64}\b/g, "hash")
    .replace(/\b[a-z]{3}_[0-7][0-9a-hjkmnp-tv-z]{25}\b/g, "id")
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "uuid")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "moment");
}
