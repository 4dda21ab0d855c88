import type { SecretAt } from "../exposure/versions.js";
import type { Exposed } from "../leak/report.js";
import type { ToRotate } from "./toRotate.js";

/** What somebody could open and has not been changed since. */
export interface Opened {
  readonly name: string;
  readonly secrets: readonly ToRotate[];
  /** No longer in git; what nobody told the issuer may still be valid there. */
  readonly gone: readonly SecretAt[];
  /** What no source holds and they may have a copy of. */
  readonly outside: readonly Exposed[];
}

/** Lines for people: first what is rotated with one command each, then what only a person can do. */
export function renderOpened({ name, secrets, gone, outside }: Opened): string[] {
  const width = Math.max(0, ...secrets.map(({ secret }) => secret.length));
  return [
    secrets.length === 0
      ? `Of what ${name} could open every value was changed since; nothing has to be rotated.`
      : `${name} could open these ${String(secrets.length)}, and they were not changed since. Rotate them in this order:`,
    ...secrets.map((one, index) => {
      const number = String(index + 1).padStart(String(secrets.length).length);
      return `  ${number}. ${one.secret.padEnd(width)}  tier ${String(one.tier)}  ${howOf(one)}`;
    }),
    ...(gone.length === 0 ? [] : ["No longer in git; revoke at their issuers what is still valid there:"]),
    ...gone.map(({ path, key }) => `  ${key} (${path})`),
    ...(outside.length === 0
      ? []
      : [
          "By hand, because git does not have them: a copy may be left with whoever could read the team's password safe:",
        ]),
    ...outside.map(({ secret, steps }) => `  ${secret}: ${steps[0] ?? ""}`),
  ];
}

/** One line: what comes before the command, and the command. */
function howOf({ remedy, steps, certain }: ToRotate): string {
  const { issuer, effect, procedure } = remedy;
  const doubt = certain ? "" : "perhaps (nobody here can open what they may have opened); ";
  const command = steps.find((step) => /^npm run p24 -- (?:rotate|rekey) /.test(step)) ?? steps[0] ?? "";
  const hand = effect === "env" ? "" : `by hand first: ${procedure ?? "ask its owner"}; then `;
  const from = issuer === undefined || issuer === "ours" || remedy.rekey === true ? "" : `new from ${issuer}: `;
  return `${doubt}${hand}${from}${command}`;
}
