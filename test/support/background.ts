import { feeds } from "@dais/adapters/feeds";
import type { Print } from "@dais/kernel/print";
import { background } from "@dais/modules";

/** In place of a printer, where nothing is printed. */
export const unprinted: Print = () => Promise.reject(new Error("nothing is printed here"));

/** What goes on behind the API, as a server has it that asks nobody within its own network. */
export const behind = background({
  fetchFeed: feeds({ allowed: [], plainHere: false, now: () => new Date() }),
  print: unprinted,
});
