import { searchCommit } from "../../guard/commitValues.js";
import { FaultsError } from "../../core/fault.js";
import { type Known, readKnown } from "../../core/leak/known.js";
import { recognize } from "../../core/leak/material.js";
import { type LeakReport, renderLeak } from "../../core/leak/render.js";
import {
  type Exposed,
  exposedOutside,
  exposedSecrets,
  formerSecrets,
  type Ground,
  rowsFor,
  type Sighting,
} from "../../core/leak/report.js";
import { exposedRoot, isRoot } from "../../core/leak/roots.js";
import { leftOut, matchText, searchKnown, sightingsOf } from "../../core/leak/search.js";
import { standingOf } from "../../core/leak/standing.js";
import { parseWholeInventory } from "../../core/model/inventory.js";
import { commitOf } from "../../core/observe/git.js";
import { locate } from "../../core/rotation/locate.js";
import { appendRows, LOG_FILE, parseLog } from "../../core/rotation/log.mjs";
import { materialIn } from "../../core/seal/exposed.js";
import { isIn, matches, Secret } from "../../core/seal/secret.js";
import { askSecret, readSecret } from "../../core/sources/typed.js";
import { commitCommand, commitFiles, refuseChanged } from "../commit.js";
import { COMMIT_HELP, COMMIT_OPTIONS, openWorkplace, type Workplace, writeLog } from "../rotation/workplace.js";
import { EXIT, type ExitCode, type Invocation, type Verb } from "../verb.js";

/** Says what an exposed value opens and what to do, and writes down that it has to be rotated within 24 hours. */
export const leak: Verb = {
  name: "leak",
  summary:
    "a value was exposed: which secret it is, where it is, what to rotate in which order, and a row due in 24 hours",
  example: "npm run p24 -- leak smtp_password --reason 'echoed in a session'",
  words: [0, 1],
  options: {
    commit: { type: "string" },
    reason: { type: "string" },
    json: { type: "boolean" },
    ...COMMIT_OPTIONS,
  },
  optionHelp: [
    "(nothing)         the value, or a text that holds some, is asked for, or read from standard input; never shown",
    "NAME              a key of secrets/*.sops.yaml, or a credential of inventory.yaml: its present value is exposed",
    "--commit REV      every value that this commit's files, their names and its message hold, in any encoding",
    "--reason TEXT     for the rotation log, else: exposed",
    "--json            the same as JSON",
    ...COMMIT_HELP,
    "Exit code 5 when what was given is no value that git knows.",
  ],
  async run(invocation) {
    const { options, rest } = invocation;
    const place = await openWorkplace(invocation);
    if (options["no-commit"] !== true) {
      await refuseChanged(place.root, place.env, [LOG_FILE]);
    }
    const { known, given, ...facts } = await look(rest[0], options["commit"], place);
    const reason = await reasonOf(options["reason"], facts.from, place, given ?? [], known);
    return answer(facts, reason, place, invocation);
  },
};

/** What is known of a leak before its rows are written. */
interface Facts extends Omit<LeakReport, "rows"> {
  /** Where from, for the reason in the log: ` in commit 0123456789ab`. */
  readonly from: string;
}
type Looked = Facts & { readonly known?: Known; readonly given?: readonly Secret[] };

const NOTHING: Facts = { exposed: [], former: [], strangers: [], ambiguous: [], leftOut: [], closed: [], from: "" };

function look(word: string | undefined, revision: Invocation["options"][string], place: Workplace): Promise<Looked> {
  if (typeof revision === "string") {
    if (word !== undefined) {
      throw new FaultsError([{ where: "NAME", what: "and --commit are two questions", repair: "ask one at a time" }]);
    }
    return ofCommit(revision, place);
  }
  return word === undefined ? ofText(place) : ofName(word, place);
}

/** A secret, by its key; a root of trust; a credential that inventory.yaml lists as outside of the sources. */
async function ofName(word: string, place: Workplace): Promise<Looked> {
  if (isRoot(word)) {
    const { owner, home } = place.settings.github;
    return { ...NOTHING, exposed: [exposedRoot(word, home === undefined ? undefined : `${owner}/${home}`)] };
  }
  const entry = [...parseWholeInventory(place.inventoryText).outside].find(
    ([name]) => name.toLowerCase() === word.toLowerCase(),
  );
  if (entry !== undefined) {
    return { ...NOTHING, exposed: [exposedOutside(...entry)] };
  }
  const { path, key } = locate(word, place.keys);
  const known = await readKnown(place.root, place.env);
  const print = known.files.find((version) => version.path === path)?.values.get(key)?.print;
  const standing =
    print === undefined
      ? { present: [{ path, key }], former: [], elsewhere: [] }
      : { ...standingOf(known.history, known.files, print), former: [] };
  const exposed = exposedSecrets([{ standing, found: [] }], groundOf(place));
  return { ...NOTHING, exposed, closed: known.closed, known };
}

/** A value, or a text that holds some. */
async function ofText(place: Workplace): Promise<Looked> {
  const given = process.stdin.isTTY
    ? await askSecret({ input: process.stdin, output: process.stderr }, "What was exposed (not shown): ")
    : await readSecret(process.stdin);
  if (matches(given, "\\s*")) {
    const repair = "give the value on standard input, or p24 leak NAME";
    throw new FaultsError([{ where: "standard input", what: "is empty", repair }]);
  }
  const known = await readKnown(place.root, place.env);
  const { sightings, ambiguous } = matchText(given, known);
  const { identities, strangers } = await recognize(given, known, sightings.length > 0);
  const { exposed, former } = factsOf(sightings, place);
  const perhaps = factsOf(ambiguous, place);
  return {
    ...NOTHING,
    exposed: [...identities, ...exposed],
    former,
    strangers,
    ambiguous: [...new Set([...perhaps.exposed, ...perhaps.former].map(({ secret }) => secret))],
    closed: known.closed,
    known,
    given: [given],
  };
}

/** All that a commit holds. */
async function ofCommit(revision: string, place: Workplace): Promise<Looked> {
  const { root, env } = place;
  const commit = await commitOf(root, revision);
  if (commit === undefined) {
    const repair = "git fetch; git log shows the names of commits";
    throw new FaultsError([{ where: "--commit", what: "names no commit that this clone knows", repair }]);
  }
  const known = await readKnown(root, env);
  const search = searchKnown(known);
  const { seen, material } = await searchCommit(root, commit, search, env);
  const strangers = material.map((what) => ({ what, steps: ["revoke it where it was issued, if it is real"] }));
  const skipped = leftOut(search, known).map(({ path, key, why }) => `${path} ${key} (${why})`);
  const facts = { strangers, leftOut: skipped, closed: known.closed, known, from: ` in commit ${commit.slice(0, 12)}` };
  return { ...NOTHING, ...factsOf(sightingsOf(seen, known), place), ...facts };
}

function factsOf(sightings: readonly Sighting[], place: Workplace) {
  const ground = groundOf(place);
  return { exposed: exposedSecrets(sightings, ground), former: formerSecrets(sightings, ground) };
}

function groundOf({ keys, settings, inventory, log }: Workplace): Ground {
  return { keys: keys.all, settings, inventory, rows: parseLog(log) };
}

/** The log is not encrypted: no value may get into it, nor what is private by its form. Of a root git knows no value. */
async function reasonOf(
  option: Invocation["options"][string],
  from: string,
  { root, env }: Workplace,
  given: readonly Secret[],
  known: Known | undefined,
): Promise<string> {
  if (typeof option !== "string") {
    return `exposed${from}`;
  }
  const { secrets } = known ?? (await readKnown(root, env));
  if ([...given, ...secrets.values()].some((secret) => isIn(secret, option)) || holdsMaterial(option)) {
    const what = "holds a value, and the log is not encrypted; nothing was changed";
    throw new FaultsError([{ where: "--reason", what, repair: "say it in other words" }]);
  }
  return option;
}

function holdsMaterial(text: string): boolean {
  return materialIn(new Secret(text)).length > 0;
}

/** Writes the rows, commits them, and says all of it. */
async function answer(
  { from, ...facts }: Facts,
  reason: string,
  place: Workplace,
  { options, print }: Invocation,
): Promise<ExitCode> {
  const { due, append } = rowsFor(facts.exposed, parseLog(place.log), reason, new Date());
  const written = await writeRows(facts.exposed, append, place, options["no-commit"] !== true);
  const report: LeakReport = { ...facts, rows: due };
  const isOfCommit = from !== "";
  if (options["json"] === true) {
    print(JSON.stringify({ ...report, commit: written.commit ?? null }, undefined, 2));
  } else {
    renderLeak(report).forEach(print);
    written.said.forEach(print);
    if (facts.exposed.length + facts.former.length + facts.strangers.length + facts.ambiguous.length === 0) {
      print(isOfCommit ? `No value of the sources is${from}.` : UNKNOWN);
    }
  }
  return codeOf(facts, isOfCommit);
}

const UNKNOWN =
  "No value that git knows or ever knew. If it is real all the same: find out who issued it, and revoke it there; " +
  "npm run p24 -- audit lists what stands at the places without a source.";

/** That a commit holds nothing is an answer; that a value is unknown needs a person, and so does what could not be searched. */
function codeOf({ exposed, former, strangers, ambiguous, closed }: Omit<Facts, "from">, isOfCommit: boolean): ExitCode {
  if (strangers.length + ambiguous.length > 0) {
    return EXIT.blocked;
  }
  return exposed.length + former.length > 0 || (isOfCommit && closed.length === 0) ? EXIT.ok : EXIT.blocked;
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
