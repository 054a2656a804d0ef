import { serializeCookie } from "oslo/cookie";
import { sessionCookie } from "../request.ts";

/** Binds the sign-ins that are under way to the browser that began them. */
export const signInCookie = "__Host-dais_sign_in";

/** A cookie for this host alone, out of reach of scripts, and not sent along by other sites' forms. */
export const set = (name: string, value: string, seconds: number): string =>
  serializeCookie(name, value, { path: "/", httpOnly: true, secure: true, sameSite: "lax", maxAge: seconds });

export const clear = (name: string): string => set(name, "", 0);

export const setSession = (text: string, endsAt: number, now: Date): string =>
  set(sessionCookie, text, Math.max(1, Math.floor((endsAt - now.getTime()) / 1000)));
