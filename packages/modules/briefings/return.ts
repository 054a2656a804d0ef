import type { briefings as contract } from "@dais/contracts/briefings";
import type { Handlers } from "@dais/kernel/context";
import { move } from "@dais/kernel/machine";
import { Problem } from "@dais/kernel/problem";
import { comment } from "./beside.ts";
import { workflow } from "./workflow.ts";

/**
 * It is a draft again, and the comments are kept with the edition of which they speak.
 * @throws briefing_section_unknown, what moves do
 */
export const returned: Handlers<typeof contract>["return"] = async (ctx, { id, version, reason, comments }) => {
  const after = await move(ctx, workflow, id, "return", { version, reason });
  const there = new Set(after.sections.map((one) => one.id));
  const named = comments.flatMap(({ sectionId }) => (sectionId === null || there.has(sectionId) ? [] : [sectionId]));
  const sectionIds = [...new Set(named)];
  if (sectionIds.length > 0) throw new Problem("briefing_section_unknown", { sectionIds });
  await comment(ctx, id, after.edition, comments);
  return after;
};
