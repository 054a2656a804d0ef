import { readKey } from "@dais/cap/signature";
import type { organisations as contract } from "@dais/contracts/organisations";
import { record } from "@dais/kernel/audit";
import type { Ctx, Handlers } from "@dais/kernel/context";
import { emit } from "@dais/kernel/outbox";
import { Problem } from "@dais/kernel/problem";
import { usable } from "@dais/modules/messageTemplates";
import { change, own } from "./rows.ts";

export { organisationOf, raiseDailyMessages, settingsOf } from "./rows.ts";

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
    const { before, after, uuid } = await change(ctx, id, version, wanted);
    const resource = { type: "organisation", id: uuid, version: after.version };
    record(ctx, { resource, before, after, changed: after.version !== before.version });
    if (after.version !== before.version) emit(ctx, { name: "organisation.updated", resource, payload: { id } });
    return after;
  },
};

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
