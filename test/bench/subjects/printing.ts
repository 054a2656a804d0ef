import { longDocument } from "../../support/pdf/documents.ts";
import type { Place } from "../subject.ts";
import { started } from "./dais.ts";

/** How many documents are asked for at once. */
const many = 4;

/** The server as it is delivered, which makes documents, too, when it is asked to `print`; it answers when they are made. */
export async function start(place: Place): Promise<number> {
  const { port, print } = await started(place);
  process.on("message", async (what) => {
    if (what !== "print") return;
    const made = await Promise.all(Array.from({ length: many }, () => print(longDocument())));
    if (made.some((one) => "refused" in one)) throw new Error("A document was not made.");
    process.send?.(made.length);
  });
  return port;
}
