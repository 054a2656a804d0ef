import { feeds } from "@dais/adapters/feeds";
import { background } from "@dais/modules";

/** What goes on behind the API, as a server has it that asks nobody within its own network. */
export const behind = background({ fetchFeed: feeds({ allowed: [], plainHere: false, now: () => new Date() }) });
