import { type Check, checkRange, type Verdict } from "../../guard/checkRange.js";
import { renderFinding } from "../../guard/finding.mjs";
import { EXIT, type ExitCode, type Invocation, type Verb } from "../verb.js";

/** The guard of a range of commits, for CI and for the pre-push hook. */
export const guard: Verb = {
  name: "guard",
  summary: "refuse plaintext in a range of commits: rules, the team's values, gitleaks; exit code 3 when there is any",
  example: "npm run p24 -- guard --base origin/main",
  words: [0, 0],
  options: {
    base: { type: "string" },
    head: { type: "string" },
    remote: { type: "string" },
    strict: { type: "boolean" },
    json: { type: "boolean" },
  },
  optionHelp: [
    "--base REV     judge the commits that this one does not have (else the whole history of the head)",
    "--head REV     up to here (else HEAD)",
    "--remote NAME  leave out what this remote has",
    "--strict       exit code 5 when a check could not be made",
    "--json         the result as JSON",
  ],
  async run({ options, root, env, print }) {
    const text = (name: string) => (typeof options[name] === "string" ? options[name] : undefined);
    const range = { head: text("head") ?? "HEAD", base: text("base"), remote: text("remote") };
    const verdict = await checkRange(root, range, env);
    if (options["json"] === true) {
      print(JSON.stringify(verdict, undefined, 2));
    } else {
      say(verdict, print);
    }
    return codeOf(verdict, options["strict"] === true);
  },
};

/** The exit code that a verdict calls for. */
export function codeOf({ findings, checks }: Verdict, strict: boolean): ExitCode {
  if (findings.length > 0) {
    return EXIT.badInput;
  }
  return strict && checks.some(({ state }) => state === "not made") ? EXIT.blocked : EXIT.ok;
}

function say({ findings, allowed, checks }: Verdict, print: Invocation["print"]): void {
  checks.forEach((check) => print(checkLine(check)));
  for (const { reason, ...finding } of allowed) {
    print(`allowed   ${renderFinding(finding).replace(/ Repair: .*/, "")} Reason: ${reason}`);
  }
  findings.forEach((finding) => print(renderFinding(finding)));
  print(
    findings.length === 0
      ? "No plaintext was found."
      : `${String(findings.length)} findings. A value that was committed is known: rotate it, and see docs/guard.md.`,
  );
}

export function checkLine({ name, state, says }: Check): string {
  return `${state.padEnd(9)} ${name}: ${says}`;
}
