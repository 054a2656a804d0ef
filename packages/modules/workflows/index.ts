import type { workflows as contract } from "@dais/contracts/workflows";
import { workflows as all } from "@dais/contracts/workflows/all";
import type { Handlers } from "@dais/kernel/context";
import { Problem } from "@dais/kernel/problem";
import { shown } from "./shown.ts";

/** One function for each operation of contracts/workflows.ts, under the same name. */
export const workflows: Handlers<typeof contract> = {
  list: async () => ({ items: [...all.values()].map(shown) }),

  get: async (_ctx, { name }) => {
    const spec = all.get(name);
    if (!spec) throw new Problem("workflow_not_found");
    return shown(spec);
  },
};
