import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Copy, DockerfileParser, type Env } from "dockerfile-ast";

export const dockerfile = readFileSync(join(import.meta.dirname, "../../Dockerfile"), "utf8");
const parsed = DockerfileParser.parse(dockerfile);

/** The instructions of the last stage, which is what the image is made of. */
export function lastStage() {
  const all = parsed.getInstructions();
  return all.slice(all.findLastIndex((each) => each.getKeyword() === "FROM"));
}

/** The images that the stages stand on. */
export const stages = () => parsed.getFROMs().map((from) => from.getImage() ?? "");

/** What the last stage copies from the build: its path there, and in the image relative to its working folder. */
export function copied(): { from: string; to: string }[] {
  const copies = lastStage().filter((each) => each.getKeyword() === "COPY") as Copy[];
  return copies.map((copy) => {
    const [from = "", to = ""] = copy.getArguments().map((argument) => argument.getValue());
    return { from, to };
  });
}

/** The variables that the image sets. */
export function setInImage(): Record<string, string> {
  const sets = lastStage().filter((each) => each.getKeyword() === "ENV") as Env[];
  return Object.fromEntries(
    sets.flatMap((env) => env.getProperties().map((one) => [one.getName(), one.getValue() ?? ""])),
  );
}
