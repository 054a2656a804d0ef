import { randomBytes } from "node:crypto";
import { permissions } from "@dais/contracts";
import { idOf, uuidOf } from "@dais/contracts/kit/ids";
import { sha256 } from "@dais/kernel/canonical";
import { newKeyText } from "@dais/kernel/keys";
import type postgres from "postgres";
import { asOwner } from "./owner.ts";
import { makePerson, type Person, type PersonOptions } from "./people.ts";

export const levels = ["public", "internal", "confidential", "secret"] as const;
export type Who = { permissions?: readonly string[]; clearance?: string; kind?: "client" | "agent"; agent?: Agent };
/** A registered agent, by its id. */
export type Agent = { id: string };

/** An organisation of a test's own: what happens in it touches no other test. */
export type Place = {
  tenantId: string;
  slug: string;
  /** Public ids of two entities: a holding, and a company below it. */
  entities: { holding: string; company: string };
  /** Makes a key, by default with every permission and the highest clearance, and answers with its text. */
  key(who?: Who): Promise<string>;
  /** Makes a person, by default an administrator with the highest clearance. */
  person(options?: PersonOptions): Promise<Person>;
  /** Audit entries of what was done or refused, in their order, as rows; with an id, what was done to that thing. */
  trail(resourceId?: string): Promise<Record<string, unknown>[]>;
};

/** `owner`: of another database than the run's. */
export type PlaceOptions = { now?: Date; newId?: () => string; slug?: string; owner?: postgres.Sql };

export async function place({
  now = new Date(),
  newId = () => crypto.randomUUID(),
  slug,
  owner,
}: PlaceOptions = {}): Promise<Place> {
  const sql = owner ?? asOwner();
  const tenantId = newId();
  const name = slug ?? `t${randomBytes(8).toString("hex")}`;
  const settings = {
    classifications: levels.map((key) => ({ key, name: { en: key, ar: null } })),
    languages: ["en", "ar"],
  };
  await sql`insert into organisations (id, slug, name_en, name_ar, time_zone, settings, created_at, updated_at)
    values (${tenantId}, ${name}, 'Test', 'اختبار', 'Asia/Dubai', ${sql.json(settings)}, ${now}, ${now})`;
  const [holding, company] = [newId(), newId()];
  await sql`insert into entities (id, tenant_id, key, name_en, kind, parent_id, created_at, updated_at) values
    (${holding}, ${tenantId}, 'holding', 'Holding', 'holding', null, ${now}, ${now}),
    (${company}, ${tenantId}, 'company', 'Company', 'company', ${holding}, ${now}, ${now})`;

  return {
    tenantId,
    slug: name,
    entities: { holding: idOf("ent", holding), company: idOf("ent", company) },
    async key({
      permissions: given = Object.keys(permissions),
      clearance = "secret",
      agent,
      kind = agent ? "agent" : "client",
    } = {}) {
      const text = newKeyText(name, randomBytes);
      await sql`insert into api_keys (id, tenant_id, hash, name, kind, permissions, clearance, created_by, agent_id, created_at)
        values (${newId()}, ${tenantId}, ${sha256(text)}, 'test', ${kind}, ${given as string[]}, ${clearance}, 'test', ${agent ? uuidOf(agent.id) : null}, ${now})`;
      return text;
    },
    person: (options) => makePerson(sql, tenantId, now, options),
    trail: (resourceId) =>
      sql`select * from audit where tenant_id = ${tenantId} and outcome <> 'read'
        and ${resourceId ? sql`resource_id = ${resourceId} and outcome = 'done'` : true} order by seq`,
  };
}
