import type { Print } from "@dais/kernel/print";
import { limits } from "@dais/pdf/input";
import type { Pool, PoolOptions } from "@dais/pdf/pool";
import { NotRendered } from "@dais/pdf/refusal";

export type Printer = { print: Print; stop(): Promise<void> };

/** Prints in threads of this process. What it takes is loaded with the first document. */
export function printer(options?: PoolOptions): Printer {
  let opening: Promise<Pool> | undefined;
  const opened = () => (opening ??= import("@dais/pdf/pool").then(({ openPool }) => openPool(options)));
  return {
    async print(document) {
      const pool = await opened();
      return pool.render(document).catch((error) => {
        if (!(error instanceof NotRendered)) throw error;
        return error.code === "too_long" ? { refused: error.code, limits } : { refused: "later" };
      });
    },
    stop: async () => (await opening)?.stop(),
  };
}
