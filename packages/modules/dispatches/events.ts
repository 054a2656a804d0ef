import { uuidOf } from "@dais/contracts/kit/ids";
import type { Consumer } from "@dais/kernel/relay/consumer";
import { task } from "@dais/kernel/task";
import { tellNoMoreOf, tellOf } from "./briefed.ts";
import { raise } from "./cap.ts";
import { rouse, seenInApp } from "./sending/index.ts";

/** A day's cap is raised once people have approved it. */
export const capGranted: Consumer = {
  name: "dispatches.capGranted",
  events: ["approval.granted"],
  handle: task({
    name: "dispatches.raiseCap",
    action: "dispatch.raise_cap",
    quiet: true,
    run: async (ctx, { payload }) => {
      const { id, subject } = payload as { id: string; subject: { type: string } | null };
      if (subject?.type === "dispatch_cap") await raise(ctx, id);
    },
  }),
};

/** A change of its own, so that no cap and no channel holds a distribution up. */
export const briefed: Consumer = {
  name: "dispatches.briefed",
  events: ["briefing.distributed"],
  handle: task({
    name: "dispatches.create",
    action: "dispatch.create",
    quiet: true,
    run: (ctx, { payload }) => tellOf(ctx, payload.id as string),
  }),
};

/** Who was told already stays told. */
export const unbriefed: Consumer = {
  name: "dispatches.unbriefed",
  events: ["briefing.withdrawn"],
  handle: task({
    name: "dispatches.stop",
    action: "dispatch.stop",
    quiet: true,
    run: (ctx, { payload }) => tellNoMoreOf(ctx, payload.id as string),
  }),
};

/** What was read in the app is read by its recipient: their ladder hears of it as of a vendor's word. */
export const seen: Consumer = {
  name: "dispatches.seen",
  events: ["notification.read"],
  handle: task({
    name: "dispatches.see",
    action: "dispatch.send",
    quiet: true,
    run: (ctx, { payload }) => seenInApp(ctx, uuidOf(payload.recipientId as string)),
  }),
};

/** Quiet hours that no longer count hold nobody back who was told before. */
export const roused: Consumer = {
  name: "dispatches.roused",
  events: ["posture.confirmed"],
  handle: task({
    name: "dispatches.rouse",
    action: "dispatch.send",
    quiet: true,
    run: (ctx) => rouse(ctx),
  }),
};
