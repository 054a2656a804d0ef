import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import type { Known } from "../guard.ts";
import { closing, newId, type Of, opening } from "./effects.ts";
import type { Hold } from "./lanes.ts";

const text = `
  insert into entities (id, tenant_id, key, name_en, name_ar, kind, parent_id, version, created_at, updated_at)
  values ($1, $2, $3, $4, $5, $6, $7, default, $8, $9)
  returning id, tenant_id, key, name_en, name_ar, kind, parent_id, version, created_at, updated_at`;

type Input = { key: string; name: { en: string; ar?: string | null }; kind: string; parentId?: string | null };

/** A row of entities as the API shows it. */
const show = (row: Record<string, unknown>) => ({
  id: idOf("ent", row.id as string),
  key: row.key,
  name: { en: row.name_en, ar: row.name_ar },
  kind: row.kind,
  parentId: row.parent_id && idOf("ent", row.parent_id as string),
  version: row.version,
  createdAt: (row.created_at as Date).toISOString(),
  updatedAt: (row.updated_at as Date).toISOString(),
});

const names = ["ar", "createdAt", "en", "id", "key", "kind", "name", "parentId", "updatedAt", "version"];
/** The canonical JSON (RFC 8785) of what has no names but these. */
const canonical = (thing: object): string => JSON.stringify(thing, names);

/** Adds one entity. */
export function create(hold: Hold, caller: Known, of: Of, body: Input): Promise<string> {
  const { key, name, kind, parentId = null } = body;
  const { en, ar = null } = name;
  const at = new Date().toISOString();
  const id = newId();
  return hold(async (send) => {
    const hash = sha256(canonical({ key, name: { en, ar }, kind, parentId }));
    const [, , claimed, rows] = await Promise.all([
      ...opening(send, caller, of, "entities.create", hash, at),
      send(text, [id, caller.tenantId, key, en, ar, kind, parentId && uuidOf(parentId), at, at]),
    ]);
    const row = rows?.[0];
    if (claimed?.length !== 1 || !row) throw new Error("not what the bench sends");
    const entity = show(row);
    const answer = JSON.stringify(entity);
    await closing(send, caller, of, {
      type: "entity",
      operation: "entities.create",
      action: "entity.create",
      event: null,
      at,
      id,
      version: 1,
      classification: null,
      entityId: id,
      from: null,
      to: null,
      before: null,
      after: canonical(entity),
      changes: null,
      reason: null,
      name: "entity.created",
      payload: { id: entity.id },
      answer,
    });
    return answer;
  });
}
