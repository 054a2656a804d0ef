import type { OptOut } from "@dais/contracts/contacts";
import type { Ctx } from "@dais/kernel/context";
import { task } from "@dais/kernel/task";
import { endChannels, resumeChannel } from "@dais/modules/contacts";

type Choice = Pick<OptOut, "channel" | "address" | "source"> & { out: boolean };

/** What a recipient or a vendor says of a channel: it ends there for an address, or is open again. */
export const chooseChannel = task({
  name: "dispatches.chooseChannel",
  action: "contact.update",
  quiet: true,
  async run(ctx: Ctx, { out, channel, address, source }: Choice): Promise<void> {
    if (out) await endChannels(ctx, [{ channel, address, source }]);
    else await resumeChannel(ctx, { channel, address });
  },
});
