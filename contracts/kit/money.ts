import { z } from "zod";

/** An amount of money: a decimal string (never a float) and an ISO 4217 currency. */
export const Money = z
  .object({
    amount: z.string().regex(/^-?(0|[1-9]\d{0,17})(\.\d{1,6})?$/, "Must be a decimal number in a string."),
    currency: z.string().regex(/^[A-Z]{3}$/, "Must be an ISO 4217 code."),
  })
  .meta({
    id: "Money",
    description: "A decimal string and its ISO 4217 currency.",
    example: { amount: "1234.50", currency: "AED" },
  });
export type Money = z.infer<typeof Money>;

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf("currency"));

/** An amount that somebody says: not below nothing, in a currency that there is. */
export const MoneyInput = z.strictObject({
  amount: z.string().regex(/^(0|[1-9]\d{0,17})(\.\d{1,6})?$/, "Must be a decimal number in a string, not below 0."),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/, "Must be an ISO 4217 code.")
    .refine((code) => currencies.has(code), "Must be a currency of ISO 4217.")
    .meta({ example: "AED" }),
});
