import { parseWholeInventory } from "../../core/model/inventory.js";
import { readKnown } from "../../core/leak/known.js";
import { type LeakReport, renderLeak } from "../../core/leak/render.js";
import {
  type Exposed,
  exposedOutside,
  exposedSecrets,
  type Ground,
  rowsFor,
  type Sighting,
} from "../../core/leak/report.js";
import { exposedRoot, isRoot } from "../../core/leak/roots.js";
import { standingOf } from "../../core/leak/standing.js";
import { locate } from "../../core/rotation/locate.js";
import { appendRows, LOG_FILE, parseLog } from "../../core/rotation/log.mjs";
import { commitCommand, commitFiles, refuseChanged } from "../commit.js";
import { COMMIT_HELP, COMMIT_OPTIONS, openWorkplace, type Workplace, writeLog } from "../rotation/workplace.js";
import { EXIT, type ExitCode, type Invocation, type Verb } from "../verb.js";

/** Says what an exposed value opens and what to do, and writes down that it has to be rotated within 24 hours. */
export const leak: Verb = {
  name: "leak",
  summary: "a secret was exposed: which one, where it is, what to rotate in which order, and its row due in 24 hours",
  example: "npm run p24 -- leak smtp_password --reason 'echoed in a session'",
  words: [0, 1],
  options: { reason: { type: "string" }, json: { type: "boolean" }, ...COMMIT_OPTIONS },
  optionHelp: [
    "NAME              a key of secrets/*.sops.yaml, or a credential of inventory.yaml: its present value is exposed",
    "--reason TEXT     for the rotation log, else: exposed",
    "--json            the same as JSON",
    ...COMMIT_HELP,
  ],
  async run(invocation) {
    const place = await openWorkplace(invocation);
    if (invocation.options["no-commit"] !== true) {
      await refuseChanged(place.root, place.env, [LOG_FILE]);
    }
    return answer(await ofName(invocation.rest[0] ?? "", place), place, invocation);
  },
};

type Facts = Omit<LeakReport, "rows">;

function groundOf({ keys, settings, inventory, log }: Workplace): Ground {
  return { keys: keys.all, settings, inventory, rows: parseLog(log) };
}

/** A secret, by its key; a root of trust; a credential that inventory.yaml lists as outside of the sources. */
async function ofName(word: string, place: Workplace): Promise<Facts> {
  const without = { former: [], closed: [] };
  if (isRoot(word)) {
    const { owner, home } = place.settings.github;
    return { exposed: [exposedRoot(word, home === undefined ? undefined : `${owner}/${home}`)], ...without };
  }
  const outside = parseWholeInventory(place.inventoryText).outside;
  const entry = [...outside].find(([name]) => name.toLowerCase() === word.toLowerCase());
  if (entry !== undefined) {
    return { exposed: [exposedOutside(...entry)], ...without };
  }
  const { path, key } = locate(word, place.keys);
  const known = await readKnown(place.root, place.env);
  const print = known.files.find((version) => version.path === path)?.values.get(key)?.print;
  const only: Sighting = { standing: { present: [{ path, key }], former: [], elsewhere: [] }, found: [] };
  const sighting =
    print === undefined
      ? only
      : { standing: { ...standingOf(known.history, known.files, print), former: [] }, found: [] };
  return { exposed: exposedSecrets([sighting], groundOf(place)), former: [], closed: known.closed };
}

/** Writes the rows, commits them, and says all of it. */
async function answer(facts: Facts, place: Workplace, invocation: Invocation): Promise<ExitCode> {
  const { options, print } = invocation;
  const reason = typeof options["reason"] === "string" ? options["reason"] : "exposed";
  const { due, append } = rowsFor(facts.exposed, parseLog(place.log), reason, new Date());
  const written = await writeRows(facts.exposed, append, place, options["no-commit"] !== true);
  const report: LeakReport = { ...facts, rows: due };
  if (options["json"] === true) {
    print(JSON.stringify({ ...report, commit: written.commit ?? null }, undefined, 2));
  } else {
    renderLeak(report).forEach(print);
    written.said.forEach(print);
  }
  return EXIT.ok;
}

async function writeRows(
  exposed: readonly Exposed[],
  append: ReturnType<typeof rowsFor>["append"],
  { root, env, log }: Workplace,
  isCommitted: boolean,
): Promise<{ readonly commit?: string; readonly said: readonly string[] }> {
  if (append.length === 0) {
    return { said: exposed.length === 0 ? [] : [`${LOG_FILE} has every row already.`] };
  }
  const names = append.map(({ secret }) => secret).join(", ");
  const message = `docs(secrets): to rotate within a day: ${names}`;
  await writeLog(root, appendRows(log, append));
  const rows = `${LOG_FILE}: a row was appended for ${names}`;
  if (!isCommitted) {
    return { said: [rows, `Next: ${commitCommand([LOG_FILE], message)}`] };
  }
  const commit = await commitFiles(root, env, [LOG_FILE], message);
  return { commit, said: [`${rows}, commit ${commit.slice(0, 12)} (${message})`] };
}
