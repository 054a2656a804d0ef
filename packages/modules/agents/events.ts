import { idOf } from "@dais/contracts/kit/ids";
import { move } from "@dais/kernel/machine";
import type { Consumer } from "@dais/kernel/relay/consumer";
import { revoke } from "@dais/kernel/revoke";
import { task } from "@dais/kernel/task";
import { activeOf } from "./rows.ts";
import { workflow } from "./workflow.ts";

/**
 * An agent whose owner is shut out stops. It was refused from that moment on already, as nobody answers for it; from here on it is
 * suspended, and stays so when the person comes back.
 */
export const ownerLeft: Consumer = {
  name: "agents.ownerLeft",
  events: ["person.disabled"],
  handle: task({
    name: "agents.suspend",
    action: "agent.suspend",
    quiet: true,
    run: async (ctx, { payload }) => {
      for (const { id, version } of await activeOf(ctx, payload.id as string)) {
        const agentId = idOf("agt", id);
        await move(ctx, workflow, agentId, "suspend", { version, reason: "Its owner was shut out." });
        revoke(ctx, agentId);
      }
    },
  }),
};
