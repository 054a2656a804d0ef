import { interactionPolicy, type KoaContextWithOIDC } from "oidc-provider";
import { wantsSecondFactor } from "./requests.ts";
import { type Directory, personOf } from "./world.ts";

const { Check, Prompt, base } = interactionPolicy;

/** Why a person who is known to have signed in is sent to the second factor only. */
export const secondFactorMissing = "second_factor_missing";

/** When somebody sees the sign-in page, in addition to those who have no session or whose session is older than `max_age`. */
export function policyOf(directory: Directory): interactionPolicy.DefaultPolicy {
  const policy = base();
  const login = policy.get("login");
  if (!login) throw new Error("The provider has no login prompt.");
  // They compare what the provider keeps with what our tokens say: `sub` is pairwise here, and the level is `acrs`.
  for (const reason of ["id_token_hint", "claims_id_token_sub_value", "essential_acrs", "essential_acr"])
    login.checks.remove(reason);
  const add = (reason: string, text: string, check: (ctx: KoaContextWithOIDC) => boolean) =>
    login.checks.add(new Check(reason, text, "login_required", check));

  add("account_gone", "the account is gone or disabled", ({ oidc }) => {
    const { accountId } = oidc.session ?? {};
    return accountId !== undefined && !personOf(directory, accountId);
  });
  add("other_account", "another account is signed in", ({ oidc }) => {
    const { accountId } = oidc.session ?? {};
    const hinted = hintedPerson(directory, oidc);
    return accountId !== undefined && hinted !== undefined && hinted !== accountId && !oidc.result?.login;
  });
  login.checks.add(
    new Check(secondFactorMissing, "a second factor is required", "interaction_required", ({ oidc }) => {
      const proven = oidc.session?.amr?.includes("mfa") ?? false;
      return wantsSecondFactor(oidc.params?.claims) && !proven;
    }),
  );

  policy.add(new Prompt({ name: "select_account", requestable: true }), 0);
  policy.remove("consent");
  const consent = new Prompt({ name: "consent", requestable: true });
  // First-party applications: whoever asks for a consent page doesn't get one.
  consent.checks.clear();
  policy.add(consent);
  return policy;
}

/** Whom the client expects, by `id_token_hint` or `login_hint`. */
function hintedPerson(directory: Directory, oidc: KoaContextWithOIDC["oidc"]): string | undefined {
  const { oid } = oidc.entities.IdTokenHint?.payload ?? {};
  if (typeof oid === "string") return oid;
  return personHinted(directory, oidc.params?.login_hint)?.oid;
}

/** The person whose user name a `login_hint` is. */
export function personHinted(directory: Directory, hint: unknown) {
  if (typeof hint !== "string") return undefined;
  const wanted = hint.toLowerCase();
  return [...directory.people.values()].find(({ preferredUsername }) => preferredUsername.toLowerCase() === wanted);
}
