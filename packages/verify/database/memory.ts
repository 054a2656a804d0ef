import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Clears away what has been read. Left to itself, the engine lets bytes from the network and the hashes' state pile up to several times
 * of what is in use, and a log may be long.
 */
export function tidy(): void {
  collect();
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
