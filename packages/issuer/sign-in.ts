import type Provider from "oidc-provider";
import { readText } from "./http.ts";
import { choosePage } from "./pages/choose.ts";
import { oopsPage } from "./pages/oops.ts";
import { type Page, sent } from "./pages/page.ts";
import { secondFactorPage } from "./pages/second-factor.ts";
import { personHinted, secondFactorMissing } from "./policy.ts";
import { wantsSecondFactor } from "./requests.ts";
import { type Directory, type Progress, personOf, type World } from "./world.ts";

type Context = Parameters<Parameters<Provider["use"]>[0]>[0];
type Chosen = { oid: string; mistakes: number };
type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;

const mistakesAllowed = 5;
const notesKept = 1000;

/** The pages between an authorization request and its answer: who it is, and the second factor where it is asked for. */
export async function signIn(world: World, directory: Directory, ctx: Context): Promise<void> {
  const interaction = await directory.provider.interactionDetails(ctx.req, ctx.res).catch(() => null);
  if (!interaction || !ctx.path.endsWith(`/${interaction.uid}`)) {
    return sent(ctx, oopsPage({ error: "expired", error_description: "This sign-in has expired, or is over." }), 400);
  }
  if (ctx.method === "GET") return sent(ctx, currentPage(world, directory, interaction, null));
  if (ctx.method !== "POST") return sent(ctx, oopsPage({ error: "method_not_allowed" }), 405);

  const form = new URLSearchParams(await readText(ctx.req));
  if (form.has("cancel")) return finish(directory, ctx, interaction, refusedBy("The person cancelled the sign-in."));
  if (form.has("back")) return back(world, directory, ctx, interaction);
  if (form.has("person")) return chosen(world, directory, ctx, interaction, form.get("person") as string);
  return proven(world, directory, ctx, interaction, form);
}

async function chosen(world: World, directory: Directory, ctx: Context, interaction: Interaction, oid: string) {
  const person = directory.people.get(oid);
  if (!person) return sent(ctx, currentPage(world, directory, interaction, "Nobody here has that account."), 400);
  if (person.disabled) {
    const says = `The account of ${person.name} is disabled. Ask an administrator.`;
    return sent(ctx, currentPage(world, directory, interaction, says), 403);
  }
  if (!wantsSecondFactor(interaction.params.claims)) return finish(directory, ctx, interaction, login(oid, ["pwd"]));
  note(directory, interaction.uid, { oid, mistakes: 0 });
  return sent(ctx, currentPage(world, directory, interaction, null));
}

async function proven(
  world: World,
  directory: Directory,
  ctx: Context,
  interaction: Interaction,
  form: URLSearchParams,
) {
  const at = progressOf(directory, interaction);
  if (!at) return sent(ctx, currentPage(world, directory, interaction, null));
  if (form.has("approve") || world.authenticator.accepts(at.oid, form.get("code") ?? "")) {
    return finish(directory, ctx, interaction, login(at.oid, ["pwd", "mfa"]));
  }
  const mistakes = at.mistakes + 1;
  if (mistakes >= mistakesAllowed) {
    return finish(directory, ctx, interaction, refusedBy("The second factor failed too often."));
  }
  note(directory, interaction.uid, { ...at, mistakes });
  return sent(
    ctx,
    currentPage(world, directory, interaction, "That code is not right. Try the one that is shown now."),
  );
}

async function back(world: World, directory: Directory, ctx: Context, interaction: Interaction): Promise<void> {
  note(directory, interaction.uid, { oid: null, mistakes: 0 });
  return sent(ctx, currentPage(world, directory, interaction, null));
}

function currentPage(world: World, directory: Directory, interaction: Interaction, says: string | null): Page {
  const at = progressOf(directory, interaction);
  const person = personOf(directory, at?.oid);
  const leadsTo = String(interaction.params.redirect_uri ?? "");
  if (person) {
    const code = world.authenticator.codeOf(person.oid);
    return secondFactorPage({ person, code, says, leadsTo, directory: directory.name });
  }
  const hinted = personHinted(directory, interaction.params.login_hint);
  const others = [...directory.people.values()].filter(({ oid }) => oid !== hinted?.oid);
  return choosePage({ directory: directory.name, people: hinted ? [hinted, ...others] : others, says, leadsTo });
}

/** Who has chosen an account, or is signed in and only lacks the second factor. */
function progressOf(directory: Directory, interaction: Interaction): Chosen | undefined {
  const noted = directory.between.get(interaction.uid);
  if (noted) return noted.oid === null ? undefined : { oid: noted.oid, mistakes: noted.mistakes };
  const { name, reasons } = interaction.prompt;
  const onlySecond = name === "login" && reasons.length === 1 && reasons[0] === secondFactorMissing;
  const oid = interaction.session?.accountId;
  return onlySecond && oid ? { oid, mistakes: 0 } : undefined;
}

function note(directory: Directory, uid: string, at: Progress): void {
  const { between } = directory;
  between.delete(uid);
  between.set(uid, at);
  const [oldest] = between.keys();
  if (between.size > notesKept && oldest !== undefined) between.delete(oldest);
}

type Result = Parameters<Provider["interactionFinished"]>[2];

/** Each prompt of the request counts as answered. */
const login = (accountId: string, amr: string[]): Result => ({ login: { accountId, amr }, select_account: {} });
const refusedBy = (why: string): Result => ({ error: "access_denied", error_description: why });

async function finish(directory: Directory, ctx: Context, interaction: Interaction, result: Result): Promise<void> {
  directory.between.delete(interaction.uid);
  const merge = { mergeWithLastSubmission: false };
  const to = await directory.provider.interactionResult(ctx.req, ctx.res, result, merge);
  ctx.status = 303;
  ctx.redirect(to);
}
