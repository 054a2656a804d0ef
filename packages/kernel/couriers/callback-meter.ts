/** What is counted of what vendors tell. Whose messages they tell of is found out later. */
export type CallbackMeter = {
  /** `taken`: it was put aside to be applied. `ignored`: nothing in it matters here. `refused`: the vendor didn't sign it. */
  received(vendor: string, outcome: "taken" | "ignored" | "refused"): void;
};
