import { idOf } from "@dais/contracts/kit/ids";
import { asOwner } from "../owner.ts";
import type { Place } from "../place.ts";
import { sealedNow, writeEntries } from "../sealing.ts";
import { testWitness } from "../witness.ts";

/** One witness for all faces, registered already, and one that nobody knows yet. */
const witness = testWitness("witness.test/known");
export const vkeys = [witness.vkey, testWitness("witness.test/new").vkey, "no key"];

/** An audit log of three entries with a checkpoint after each; with public ids, and the witness's signature of the last. */
export async function sealedLog(home: Place, newId: () => string, now: Date) {
  const sql = asOwner();
  const ids: string[] = [];
  for (const n of [1, 2, 3]) {
    const id = newId();
    await writeEntries(sql, home, 1, { id, at: now, request_id: `entry-${n}` });
    ids.push(idOf("aud", id));
    await sealedNow(home, { now });
  }
  const [row] = await sql`select note from audit_checkpoints where tenant_id = ${home.tenantId} and size = 3`;
  const wit = newId();
  // Base64 has its own plus.
  const [name, keyId, ...key] = witness.vkey.split("+");
  await sql`insert into audit_witnesses (id, tenant_id, name, key_id, public_key, added_by, added_at)
    values (${wit}, ${home.tenantId}, ${name as string}, ${keyId as string}, ${Buffer.from(key.join("+"), "base64").subarray(1)}, 'test', ${now})`;
  const line = witness.cosign(row?.note, Math.floor(now.getTime() / 1000));
  return { aud: ids, wit: [idOf("wit", wit)], line };
}
