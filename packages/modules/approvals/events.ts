import { enqueue } from "@dais/kernel/jobs";
import type { Consumer } from "@dais/kernel/relay/consumer";
import { task } from "@dais/kernel/task";
import { count, counted } from "./count.ts";

/**
 * Whenever somebody may have left, lost or gained what it takes to decide, all that waits is counted again, once for many such changes; and an
 * approval by itself when it is asked for, and with each vote: who has voted decides nothing else of it.
 */
export const approversChanged: Consumer = {
  name: "approvals.approversChanged",
  events: [
    ...(["approval.requested", "approval.voted", "approval.passed", "approval.escalated"] as const),
    ...(["person.created", "person.updated", "person.disabled", "person.enabled", "person.clearance_set"] as const),
    ...(["person.role_granted", "person.role_revoked", "role.mapped", "role.unmapped"] as const),
    ...(["group.member_added", "group.member_removed", "group.deleted"] as const),
  ],
  handle: task({
    name: "approvals.recount",
    action: "approval.pass",
    quiet: true,
    run: async (ctx, { resourceType, resourceId }) => {
      if (resourceType === "approval") await counted(ctx, { id: resourceId }, 1);
      else enqueue(ctx, count, {}, { singletonKey: "all" });
    },
  }),
};
