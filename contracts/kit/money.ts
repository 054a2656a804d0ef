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
