import { z } from "zod";
import { categories } from "../dispatches/values.ts";
import { typeId } from "../kit/ids.ts";
import { Instant, line, Name, text, Version } from "../kit/shapes.ts";

export const TemplateId = typeId("mtp");
export const TemplateKey = z
  .string()
  .max(60)
  .regex(/^[a-z][a-z0-9_-]*$/, "Must be small letters, digits, - and _.")
  .meta({ example: "daily-briefing" });
export const VariableName = z
  .string()
  .max(40)
  .regex(/^[a-z][a-z0-9_]*$/, "Must be small letters, digits and _.")
  .meta({ example: "day" });

/** What a template's texts name as `{{name}}`, beside what the server knows by itself. */
const variable = { name: VariableName, about: line(200) };
const maxLength = z.int().min(1).max(2000);
export const Variable = z.object({ ...variable, maxLength });
export const VariableInput = z.strictObject({ ...variable, maxLength: maxLength.default(200) });

/** What the server says by itself: `{{name}}` of the recipient, `{{organisation}}`, and `{{link}}`, where they acknowledge. */
export const builtIn = ["name", "organisation", "link"] as const;

/** Twilio's name for a text that WhatsApp has approved beforehand. */
export const ContentSid = z
  .string()
  .regex(/^HX[0-9a-f]{32}$/, "Must be the SID of a content template: HX and 32 hex digits.")
  .nullable();

const texts = {
  subject: line(200).describe("Of mails and notifications."),
  body: text(20_000).min(1).describe("Plain text with `{{variables}}`: of mails, notifications and Teams."),
  short: text(1000).min(1).describe("The same for WhatsApp and SMS."),
  contentSid: ContentSid.describe(
    "The content template of what WhatsApp has approved beforehand. Its placeholders are the variables of `short`, by name, and `{{link}}`: these are sent and no others. Names of 16 characters at most. Null: none.",
  ),
};
export const TemplateTexts = z.object(texts).meta({ id: "MessageTexts", description: "What is said in one language." });
export const TemplateTextsInput = z.strictObject({ ...texts, contentSid: texts.contentSid.default(null) });
export const TemplateLanguages = z.object({ en: TemplateTexts.nullable(), ar: TemplateTexts.nullable() });
export const TemplateLanguagesInput = z.strictObject({
  en: TemplateTextsInput.nullable().default(null),
  ar: TemplateTextsInput.nullable().default(null),
});

/** What stands for the variables, in each language; where one is missing, the other language's. */
const mostValues = 50;
const ValuesOf = z
  .record(VariableName, text(2000))
  .refine((some) => Object.keys(some).length <= mostValues, `Must be ${mostValues} at most.`)
  .meta({ maxProperties: mostValues });
export const Values = z.object({ en: ValuesOf, ar: ValuesOf });
export const ValuesInput = z.strictObject({ en: ValuesOf.default({}), ar: ValuesOf.default({}) });

export const MessageTemplate = z
  .object({
    id: TemplateId,
    key: TemplateKey.describe("Never changes."),
    name: Name,
    category: z.enum(categories).describe("People choose their channels for each."),
    variables: z.array(Variable).max(50),
    languages: TemplateLanguages,
    createdBy: z.string().max(100),
    updatedBy: z.string().max(100),
    retiredAt: Instant.nullable().describe("Since when nothing new is made from it."),
    version: Version,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "MessageTemplate", description: "What messages are made from, in one or both languages." });
export type MessageTemplate = z.infer<typeof MessageTemplate>;
