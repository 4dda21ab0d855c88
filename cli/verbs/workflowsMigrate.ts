import { renderFault } from "../../core/fault.js";
import { type FileChange, type Finding, migrate, type Migration } from "../../core/workflows/migrate.js";
import { readWorkflowFiles, writeWorkflowFiles } from "../workflowFiles.js";
import { readSettings, stackName } from "../stack.js";
import { EXIT, type ExitCode, type Invocation, type Verb } from "../verb.js";

/** Takes personal tokens out of the workflows of a checkout. */
export const workflowsMigrate: Verb = {
  name: "workflows migrate",
  summary:
    "replace personal tokens in a checkout's workflows by the GitHub App's; --check: exit code 4 when one is there",
  example: "npm run p24 -- workflows migrate ../et-operational-platform --check",
  words: [1, 1],
  options: { check: { type: "boolean" }, json: { type: "boolean" }, stack: { type: "string", short: "s" } },
  optionHelp: [
    "DIR               the checkout; its .github/workflows, .github/actions and action.yml are read",
    "--check           change nothing; exit code 4 when something would change",
    "--json            what was done and what is left, as JSON",
    "-s, --stack NAME  the stack whose settings name the App's owner and repositories (else PULUMI_STACK, else prod)",
  ],
  async run({ options, rest, root, env, print }) {
    const [directory = ""] = rest;
    const { settings } = await readSettings(root, stackName(options["stack"], env), "bootstrap");
    const files = await readWorkflowFiles(directory);
    const migration = migrate(files, settings.github);
    const isCheck = options["check"] === true;
    if (!isCheck) {
      await writeWorkflowFiles(directory, migration.changes);
    }
    if (options["json"] === true) {
      print(JSON.stringify(asJson(migration, isCheck), undefined, 2));
    } else {
      tell(migration, isCheck, files.length, print);
    }
    return exitCode(migration, isCheck);
  },
};

function exitCode({ changes, left, vercel }: Migration, isCheck: boolean): ExitCode {
  if (isCheck && changes.length > 0) {
    return EXIT.drift;
  }
  return left.length + vercel.length > 0 ? EXIT.blocked : EXIT.ok;
}

function tell(
  { changes, left, vercel, notes }: Migration,
  isCheck: boolean,
  files: number,
  print: Invocation["print"],
) {
  const [at, would, were] = isCheck ? ["line", "would be ", "would be"] : ["was line", "", "were"];
  for (const { path, replaced } of changes) {
    print(path);
    replaced.forEach(({ line, name, keys }) => {
      print(`    ${at} ${String(line)}  secrets.${name}  ${would}replaced  ${keys}`);
    });
  }
  const lists: readonly [string, readonly Finding[]][] = [
    ["Left as they are, for a person:", left],
    ["VERCEL_TOKEN:", vercel],
    ["To look at:", notes],
  ];
  for (const [title, findings] of lists.filter(([, some]) => some.length > 0)) {
    print(`\n${title}`);
    findings.forEach((finding) => print(`  ${renderFault(asFault(finding, isCheck))}`));
  }
  const uses = changes.reduce((sum, { replaced }) => sum + replaced.length, 0);
  print(
    changes.length === 0 && left.length === 0
      ? `No personal token is used in ${count(files, "file")}.`
      : `${changes.length === 0 ? "" : "\n"}${count(uses, "use")} of a personal token in ${String(changes.length)} of ${count(files, "file")} ${were} replaced; ${String(left.length)} left.`,
  );
}

function count(number: number, what: string): string {
  return `${String(number)} ${what}${number === 1 ? "" : "s"}`;
}

/** Lines are those of the files as they are now: after the changes, unless there were none. */
function asFault({ path, before, after, name, what, repair }: Finding, isCheck: boolean) {
  const where = `${path}:${String(isCheck ? before : after)}`;
  return { where, ...(name === undefined ? {} : { name: `secrets.${name}` }), what, repair };
}

function asJson({ changes, left, vercel, notes }: Migration, isCheck: boolean) {
  const finding = ({ path, before, after, name, what, repair }: Finding) => ({
    path,
    line: isCheck ? before : after,
    ...(name === undefined ? {} : { name }),
    what,
    repair,
  });
  return {
    changed: !isCheck && changes.length > 0,
    files: changes.map(({ path, replaced }: FileChange) => ({ path, replaced })),
    left: left.map(finding),
    vercel: vercel.map(finding),
    notes: notes.map(finding),
  };
}
