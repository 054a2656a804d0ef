import type { Recipient } from "@dais/contracts/dispatches";
import { idOf } from "@dais/contracts/kit/ids";
import { record } from "@dais/kernel/audit";
import type { Ctx } from "@dais/kernel/context";
import { moveMany } from "@dais/kernel/machine-many";
import { Problem } from "@dais/kernel/problem";
import { task } from "@dais/kernel/task";
import { find } from "./rows.ts";
import { resourceOf, show, workflow } from "./workflow.ts";

type Via = NonNullable<Recipient["acknowledgedVia"]>;
export type Acknowledged = { changed: boolean; recipient: Recipient };

/**
 * Notes that somebody got what was sent to them: nothing more of it happens by the clock. Again, it answers with what was said first.
 * @throws dispatch_recipient_not_found, dispatch_recipient_foreign
 */
export async function acknowledge(ctx: Ctx, id: string, via: Via): Promise<Acknowledged> {
  const [after] = await moveMany(ctx, workflow, [{ id }], "acknowledge", { given: { via } });
  if (!(after instanceof Problem)) return { changed: true, recipient: after as Recipient };
  if (after.code !== "dispatch_recipient_wrong_state") throw after;
  const row = await find(ctx, id);
  const foreign = workflow.policies?.theirs?.(ctx, row);
  if (foreign) throw foreign;
  record(ctx, { resource: resourceOf(row), changed: false });
  return { changed: false, recipient: show(row) };
}

/**
 * The same for whoever followed the link, or replied. Perform it on behalf of the person whom it was sent to, where it was a person.
 * @returns null where there is nobody with this id
 */
export const acknowledgeAs = task<{ recipientId: string; via: "link" | "reply" }, Acknowledged | null>({
  name: "dispatchRecipients.acknowledge",
  action: "dispatch_recipient.acknowledge",
  quiet: true,
  run: async (ctx, { recipientId, via }) => {
    try {
      return await acknowledge(ctx, idOf("dre", recipientId), via);
    } catch (error) {
      if (error instanceof Problem && error.code === "dispatch_recipient_not_found") return null;
      throw error;
    }
  },
});
