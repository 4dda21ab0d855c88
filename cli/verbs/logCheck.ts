import { checkLog, type LogCheck } from "../../core/rotation/logCheck.js";
import { dayOf } from "../../core/rotation/due.js";
import { appendRows, LOG_FILE, pendingRow } from "../../core/rotation/log.mjs";
import { whoCommits } from "../commit.js";
import { readLog, writeLog } from "../rotation/workplace.js";
import { EXIT, type Invocation, type Verb } from "../verb.js";

/** Warns of rotations that nobody wrote down; it never stops a run. */
export const logCheck: Verb = {
  name: "log check",
  summary:
    "warn of values that were changed since a commit without a row in the rotation log; ends with 0 all the same",
  example: "npm run p24 -- log check --base origin/main",
  words: [0, 0],
  options: { base: { type: "string" }, fix: { type: "boolean" }, json: { type: "boolean" } },
  optionHelp: [
    "--base REV        the commit to compare with (else HEAD)",
    "--fix             append the missing rows, pending",
    "--json            the result as JSON",
  ],
  async run({ options, root, env, print }) {
    const base = typeof options["base"] === "string" ? options["base"] : "HEAD";
    const check = await checkLog(root, base, env);
    const isFixed = options["fix"] === true && check.unlogged.length > 0;
    if (isFixed) {
      const rotator = await whoCommits(root, env);
      const row = { date: dayOf(new Date()), reason: "changed without a row", rotator };
      const rows = check.unlogged.map(({ key }) => pendingRow({ ...row, secret: key }));
      await writeLog(root, appendRows(await readLog(root), rows));
    }
    if (options["json"] === true) {
      print(JSON.stringify({ ...check, fixed: isFixed }, undefined, 2));
    } else {
      say(check, isFixed, env, print);
    }
    return EXIT.ok;
  },
};

function say(check: LogCheck, isFixed: boolean, env: NodeJS.ProcessEnv, print: Invocation["print"]): void {
  // A workflow's annotation: docs.github.com, "Workflow commands", "Setting a warning message".
  const warn = (path: string, text: string) =>
    print(env["GITHUB_ACTIONS"] === "true" ? `::warning file=${path}::${text}` : `warning: ${path}: ${text}`);
  for (const { path, key } of isFixed ? [] : check.unlogged) {
    warn(path, `${key}: was changed without a row in ${LOG_FILE}. Repair: p24 log check --fix`);
  }
  for (const path of check.unknown) {
    warn(path, "was encrypted anew, and no identity here opens both texts: whether a value changed is not known");
  }
  const count = check.unlogged.length;
  if (isFixed) {
    print(`${String(count)} rows were appended to ${LOG_FILE}, pending. Correct their reasons and commit it.`);
  } else if (count + check.unknown.length === 0) {
    print("Every value that was changed has a row.");
  }
}
