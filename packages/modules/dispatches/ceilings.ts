import type { Channel } from "@dais/contracts/dispatches/values";
import type { Settings } from "@dais/contracts/organisations/settings";
import type { Ctx } from "@dais/kernel/context";

type Ceilings = Settings["communications"]["ceilings"];

/**
 * Whether a channel may carry what is so classified. What the organisation says nothing of carries the lowest level, and one whose level is
 * there no more carries nothing; what is read in the portal is read signed in.
 */
export function carries(
  { levels }: Pick<Ctx["tenant"], "levels">,
  ceilings: Ceilings,
  channel: Channel,
  classification: string,
): boolean {
  if (channel === "in_app") return true;
  const at = levels.indexOf(classification);
  return at >= 0 && at <= levels.indexOf(ceilings[channel] ?? (levels[0] as string));
}
