import { z } from "zod";
import { typeId } from "./kit/ids.ts";
import { Classification, Day, Instant, line, Name, Version } from "./kit/shapes.ts";
import { TimeZone } from "./organisations.ts";
import { RoleKey } from "./roles.ts";

export const PersonId = typeId("per");
export const languages = ["en", "ar"] as const;
export const Language = z.enum(languages).describe("The language of the portal and of messages.");
export const Phone = z
  .string()
  .regex(/^\+[1-9]\d{6,14}$/, "Must be a number in full: + and 7 to 15 digits.")
  .meta({ description: "Telephone number in E.164 form.", example: "+971501234567" });

export const Period = { personId: PersonId, fromDay: Day, toDay: Day.describe("The last day, inclusive.") };

export const Person = z
  .object({
    id: PersonId,
    name: Name.describe("English from the directory, Arabic from here."),
    email: line(320).nullable().describe("From the directory, and not checked by Dais."),
    phone: Phone.nullable(),
    timeZone: TimeZone.nullable().describe("Null: the organisation's."),
    language: Language.nullable().describe("Null: the organisation's first one."),
    entityId: typeId("ent").nullable().describe("Where the person works."),
    managerId: PersonId.nullable(),
    roles: z
      .array(
        z.object({
          role: RoleKey,
          source: z
            .enum(["directory", "granted"])
            .describe("`directory`: it follows the directory at each sign-in. `granted`: it was given here."),
          grantedBy: line(200).describe(
            "Id of who gave it; of the directory's, what said so: `app_role`, `group`, or both.",
          ),
          grantedAt: Instant,
        }),
      )
      .max(100)
      .describe("Without those that these inherit."),
    clearance: Classification,
    deputies: z.array(z.object(Period)).max(100).describe("Who stands in, in the order of days; past ones included."),
    disabledAt: Instant.nullable().describe("Null: the person may sign in."),
    lastSignedInAt: Instant.nullable(),
    version: Version,
    createdAt: Instant,
    updatedAt: Instant,
  })
  .meta({ id: "Person", description: "Somebody of the organisation who signs in." });
export type Person = z.infer<typeof Person>;
