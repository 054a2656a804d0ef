import { idOf } from "@dais/contracts/kit/ids";
import type { Ctx } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { readAlerts, takeAlerts } from "@dais/modules/signals";
import type { Fetched } from "./port.ts";
import type { Row } from "./rows.ts";

const failures = {
  signal_cap_invalid: "unreadable",
  signal_classification_unknown: "classification_unknown",
  signal_above_clearance: "classification_unknown",
  signal_entity_unknown: "entity_unknown",
} as const;

/** Takes in what a feed brought. What can't be taken is a failure of the feed like any other. */
export async function takeIn(ctx: Ctx, feed: Row, fetched: Fetched): Promise<Fetched> {
  if (fetched.kind !== "document") return fetched;
  const { source, classification, leastSeverity } = feed;
  const entityId = feed.entityId && idOf("ent", feed.entityId);
  try {
    await takeAlerts(ctx, readAlerts(fetched.bytes), { source, classification, entityId, leastSeverity });
    return fetched;
  } catch (error) {
    // Each of these is found before anything is written.
    const code = error instanceof Problem ? failures[error.code as keyof typeof failures] : undefined;
    if (!code) throw error;
    return { kind: "failed", code, retryAfterSeconds: null };
  }
}
