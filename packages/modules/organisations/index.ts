import { readKey } from "@dais/cap/signature";
import type { organisations as contract } from "@dais/contracts/organisations";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { usable } from "@dais/modules/messageTemplates";
import { type Changed, change, own, raise } from "./rows.ts";

export { organisationOf, settingsOf } from "./rows.ts";

/** One function for each operation of contracts/organisations.ts, under the same name. */
export const organisations: Handlers<typeof contract> = {
  current: async (ctx) => {
    const mine = await own(ctx);
    if (!mine) throw new Error("a credential of an organisation that is gone");
    return mine;
  },

  get: async (ctx, { id }) => {
    const mine = await own(ctx);
    if (mine?.id !== id) throw new Problem("organisation_not_found");
    return mine;
  },

  update: async (ctx, { id, version, ...wanted }) => {
    checkSigners(wanted.signals?.signers ?? []);
    await checkTemplate(ctx, wanted.communications?.briefing?.templateId);
    return noted(ctx, await change(ctx, id, version, wanted));
  },
};

/** Lets every day's dispatches come to so many messages, which people have approved. Where they may come to more already, that stays. */
export const raiseDailyMessages = async (ctx: Ctx, dailyMessages: number) =>
  noted(ctx, await raise(ctx, dailyMessages), "approved");

/** Puts it on record, and tells of it where something changed. */
function noted(ctx: Ctx, { before, after, uuid }: Changed, reason: string | null = null): Changed["after"] {
  const resource = { type: "organisation", id: uuid, version: after.version };
  const changed = after.version !== before.version;
  record(ctx, { resource, before, after, changed, reason });
  if (changed) emit(ctx, { name: "organisation.updated", resource, payload: { id: after.id } });
  return after;
}

/** What a briefing says of itself: a template that names anything else can't be filled from it. */
const saidOfBriefings = ["day", "title"];

/** @throws organisation_template_unfit */
async function checkTemplate(ctx: Ctx, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const template = await usable(ctx, { id });
  if (!template?.variables.every(({ name }) => saidOfBriefings.includes(name)))
    throw new Problem("organisation_template_unfit");
}

/** @throws organisation_signer_invalid */
function checkSigners(signers: readonly { key: string }[]): void {
  for (const [position, { key }] of signers.entries()) {
    try {
      readKey(key);
    } catch (error) {
      throw new Problem("organisation_signer_invalid", { position, reason: (error as Error).message });
    }
  }
}
