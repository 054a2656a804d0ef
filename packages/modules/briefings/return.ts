import type { briefings as contract } from "@dais/contracts/briefings";
import type { Handlers } from "@dais/kernel/context";
import { move } from "@dais/kernel/machine";
import { comment } from "./beside.ts";
import { workflow } from "./workflow.ts";

/** It is a draft again, and the comments are kept with the edition of which they speak. */
export const returned: Handlers<typeof contract>["return"] = async (ctx, { id, version, reason, comments }) => {
  const after = await move(ctx, workflow, id, "return", { version, reason });
  await comment(ctx, id, after.edition, comments);
  return after;
};
