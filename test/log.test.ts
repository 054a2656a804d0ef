import { afterEach, describe, expect, test } from "vitest";
import { cleanUp, program } from "./support/programs.ts";

afterEach(cleanUp);

async function logged(fields: string): Promise<Record<string, unknown>> {
  const child = program(`
    import { logger } from "@dais/api/log";
    logger("info").info(${fields}, "said");
  `);
  return JSON.parse(await child.line());
}

describe("the log", () => {
  test("hides what is a secret by its name, here and one level below", async () => {
    const line = await logged(
      `{ authorization: "Bearer x", path: "/v1", caller: { credential: "x", id: 1 }, secret: "x" }`,
    );
    expect(line).toMatchObject({
      authorization: "[redacted]",
      path: "/v1",
      caller: { credential: "[redacted]", id: 1 },
      secret: "[redacted]",
    });
  });

  test("tells an error's type, message, code and stack, and nothing else of it", async () => {
    const line = await logged(`{ err: Object.assign(new TypeError("no"), { code: "X1", parameters: ["x"] }) }`);
    expect(line.err).toEqual({ type: "TypeError", message: "no", code: "X1", stack: expect.any(String) });
  });
});
