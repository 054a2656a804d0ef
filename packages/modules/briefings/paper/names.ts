import type { Ctx } from "@dais/kernel/context";

type Both = { en: string; ar: string | null };

const named: Readonly<Record<string, string>> = {
  per: "select name_en as en, name_ar as ar from people",
  agt: "select name as en, null as ar from agents",
  key: "select name as en, null as ar from api_keys",
  prg: "select name as en, null as ar from programs",
};

/** What a person, an agent, a key or a program is called, where the organisation knows it; else the id. */
export async function namesOf(ctx: Ctx, id: string): Promise<Both> {
  const from = named[id.slice(0, 3)];
  const [row] = from ? await ctx.send(`${from} where tenant_id = $1 and id = uuid_of($2)`, [ctx.tenant.id, id]) : [];
  return (row as Both | undefined) ?? { en: id, ar: null };
}

/** A person's name, as it stands on their own copy; of others the id. */
export const nameOf = async (ctx: Ctx, id: string): Promise<string> =>
  id.startsWith("per_") ? (await namesOf(ctx, id)).en : id;
