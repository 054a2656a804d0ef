import type { Signal } from "@dais/contracts/signals";
import type { Ctx } from "@dais/kernel/context";
import { enqueue } from "@dais/kernel/jobs";
import { move } from "@dais/kernel/machine";
import { Problem } from "@dais/kernel/problem";
import { workflow } from "../workflow.ts";
import { comeBack } from "./due.ts";

const longestMs = 90 * 24 * 3_600_000;

/** Puts a signal away until a time. One job for each minute brings back all that end in it. @throws what `move` does, signal_snooze_until */
export async function snooze(
  ctx: Ctx,
  { id, version, until }: { id: string; version: number; until: string },
): Promise<Signal> {
  const time = new Date(until);
  const after = await move(ctx, workflow, id, "snooze", { version, given: { until: time.toISOString() } });
  const ms = time.getTime() - ctx.now.getTime();
  if (ms <= 0 || ms > longestMs) throw new Problem("signal_snooze_until");
  const minute = new Date(Math.ceil(time.getTime() / 60_000) * 60_000);
  enqueue(ctx, comeBack, {}, { startAfter: minute, singletonKey: minute.toISOString() });
  return after;
}
