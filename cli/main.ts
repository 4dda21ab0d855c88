import { dirname } from "node:path";
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";

import { FaultsError } from "../core/fault.js";
import { EXIT, type ExitCode, type Invocation, type Verb } from "./verb.js";
import { findVerb } from "./verbs/find.js";

class UsageError extends Error {}

async function main(argv: readonly string[]): Promise<ExitCode> {
  const name = argv[0];
  if (name === undefined || name === "--help" || name === "-h" || name === "help") {
    process.stdout.write(help());
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  const verb = verbOf(argv);
  if (verb === undefined) {
    // What was typed is not repeated, here and below: it may be a value that was meant for somewhere else.
    throw new UsageError("there is no such verb. Repair: p24 --help lists them");
  }
  const { values, positionals } = parse(verb, argv.slice(wordsOf(verb)));
  if (values["help"] === true) {
    process.stdout.write(verbHelp(verb));
    return EXIT.ok;
  }
  const kept = keptByNpm(verb, values, process.env);
  if (kept.length > 0) {
    const said = kept.map((option) => `--${option}`).join(", ");
    throw new UsageError(
      `npm took ${said} for itself: the -- before the verb did not reach it (PowerShell drops the first one). ` +
        `Repair: node cli/p24.mjs ${verb.name} … does without npm`,
    );
  }
  const [least, most] = verb.words;
  if (positionals.length < least || positionals.length > most) {
    const how = positionals.length < least ? "needs more words" : "takes fewer words";
    throw new UsageError(`${verb.name} ${how}. Repair: p24 ${verb.name} --help shows them`);
  }
  return verb.run({
    options: values,
    rest: positionals,
    root: findRoot(process.cwd()),
    env: process.env,
    print: (text) => process.stdout.write(`${text}\n`),
  });
}

/** The verb that the first words name; the longer name counts: `log check` is not `log`. */
function verbOf(argv: readonly string[]): Verb | undefined {
  return findVerb(argv.slice(0, 2).join(" ")) ?? findVerb(argv[0] ?? "");
}

/**
 * Options of the verb that npm kept for itself. PowerShell drops the first `--` on the way to npm (npm/cli, issues 3136, 4903
 * and 9353), and what was meant for p24 becomes a setting of npm: a verb would act without its `--dry-run`.
 */
function keptByNpm(verb: Verb, values: Invocation["options"], env: NodeJS.ProcessEnv): string[] {
  return env["npm_lifecycle_event"] !== "p24"
    ? []
    : Object.keys(verb.options).filter(
        (option) => values[option] === undefined && (env[`npm_config_${option.replaceAll("-", "_")}`] ?? "") !== "",
      );
}

function wordsOf({ name }: Verb): number {
  return name.split(" ").length;
}

function parse(verb: Verb, args: readonly string[]) {
  try {
    const options = { ...verb.options, help: { type: "boolean", short: "h" } } as const;
    const parsed = parseArgs({ args: [...args], options, allowPositionals: true });
    return { values: parsed.values as Invocation["options"], positionals: parsed.positionals };
  } catch {
    throw new UsageError(`${verb.name} does not know one of its options. Repair: p24 ${verb.name} --help lists them`);
  }
}

/** The nearest folder upwards that holds Pulumi.yaml. */
function findRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(`${folder}/Pulumi.yaml`)) {
      return folder;
    }
    if (dirname(folder) === folder) {
      throw new FaultsError([
        { where: from, what: "is not inside the repository", repair: "cd to the clone of p24-infra" },
      ]);
    }
  }
}

function help(): string {
  const { VERBS: verbs } = require("./verbs/all.js") as typeof import("./verbs/all.js");
  const width = Math.max(...verbs.map(({ name }) => name.length));
  return [
    "p24: secrets in git, every derived place equal to it",
    "",
    "  npm run p24 -- VERB [OPTIONS]",
    "",
    ...verbs.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    "",
    "  p24 VERB --help shows a verb's options and an example.",
    "",
    "Exit codes: 0 in order, 2 usage, 3 something to repair in git or the settings, 4 a place differs from git,",
    "5 a place could not be asked or needs a person, 1 a fault of p24 itself.",
    "",
  ].join("\n");
}

function verbHelp(verb: Verb): string {
  const options = verb.optionHelp.map((line) => `  ${line}`);
  return [`p24 ${verb.name}: ${verb.summary}`, "", ...options, "", `  example: ${verb.example}`, ""].join("\n");
}

/** Errors for people go to stderr as they are; of all others only the kind is shown, because their text may repeat input. */
function explain(error: unknown): ExitCode {
  if (error instanceof UsageError) {
    process.stderr.write(`p24: ${error.message}\n`);
    return EXIT.usage;
  }
  if (error instanceof FaultsError) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.badInput;
  }
  const kind = error instanceof Error ? error.name : typeof error;
  const at = error instanceof Error ? /\n\s+at ([^\n]*)/.exec(error.stack ?? "")?.[1] : undefined;
  process.stderr.write(
    `p24: a fault of p24 itself (${kind}${at === undefined ? "" : ` at ${at}`}). Please report it.\n`,
  );
  return EXIT.internal;
}

main(process.argv.slice(2))
  .catch(explain)
  .then((code) => {
    process.exitCode = code;
  })
  .catch(() => {
    process.exitCode = EXIT.internal;
  });
