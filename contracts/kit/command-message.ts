import { z } from "zod";

/** Newest form of a command's message that this server reads. */
export const commandVersion = 1;
/** A longer message is given up as it is. */
export const commandBytes = 256 * 1024;

/** A command as another service puts it into its queue. */
export const CommandMessage = z
  .strictObject({
    version: z
      .int()
      .min(1)
      .max(1000)
      .describe(`Of this form: ${commandVersion}. Others are given up, and can be replayed later.`),
    operation: z
      .string()
      .max(100)
      .regex(/^[a-zA-Z]+\.[a-zA-Z]+$/)
      .describe("What to do: `people.disable`. Any operation that changes something; not a read."),
    input: z.record(z.string().max(100), z.unknown()).describe("The operation's input, as tRPC and MCP take it."),
    idempotencyKey: z
      .string()
      .regex(/^[\x21-\x7e]{1,255}$/)
      .describe("Of the command, not of the message: sent again under the same one, it is done once."),
  })
  .meta({ id: "Command", description: "A command that another service puts into its queue." });
export type CommandMessage = z.infer<typeof CommandMessage>;

/** What comes back where a message asks for it. */
export const CommandReply = z
  .object({
    operation: z.string().max(100).nullable().describe("What was asked for; null: that could not be read."),
    output: z.unknown().describe("What the operation answers; null where there is a problem."),
    problem: z
      .looseObject({ code: z.string().max(100), status: z.int().min(400).max(599).nullable() })
      .nullable()
      .describe("Why it was refused, with what the problem tells beside. Null: it was done."),
  })
  .meta({ id: "CommandReply", description: "What became of a command." });
export type CommandReply = z.infer<typeof CommandReply>;
