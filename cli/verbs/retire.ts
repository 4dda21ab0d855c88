import { assess } from "../../core/assess.js";
import { type Fault, FaultsError } from "../../core/fault.js";
import { variableName } from "../../core/model/names.js";
import { deleteCopy, findCopies, findUsers } from "../../core/rotation/copies.js";
import { dayOf } from "../../core/rotation/due.js";
import { appendRows, confirmedAt, LOG_FILE, parseLog } from "../../core/rotation/log.mjs";
import { type Copy, retireFaults } from "../../core/rotation/retire.js";
import { agrees } from "../ask.js";
import { commitCommand, commitFiles, refuseChanged, whoCommits } from "../commit.js";
import { COMMIT_HELP, COMMIT_OPTIONS, readLog, writeLog } from "../rotation/workplace.js";
import { openStack, stackName } from "../stack.js";
import { EXIT, type ExitCode, type Invocation, type Verb } from "../verb.js";

/** Deletes the former copy of a secret at GitHub: the only thing that is deleted without the engine, and only by name. */
export const retire: Verb = {
  name: "retire",
  summary: "delete a GitHub secret that git no longer wants there, 24 hours after its successor was seen in sync",
  example: "npm run p24 -- retire GRAFANA_ADMIN_PASSWORD",
  words: [1, 1],
  options: {
    unknown: { type: "boolean" },
    yes: { type: "boolean" },
    "dry-run": { type: "boolean" },
    ...COMMIT_OPTIONS,
  },
  optionHelp: [
    "NAME              the secret's name at GitHub; never a root of trust",
    "--unknown         also when git has no secret of this name, and nobody wrote it for 24 hours",
    "--dry-run         only show what would be deleted",
    "--yes             do it without asking",
    ...COMMIT_HELP,
  ],
  async run(invocation) {
    const { options, rest, root, env, print } = invocation;
    const name = wanted(rest[0] ?? "");
    if (options["no-commit"] !== true) {
      await refuseChanged(root, env, [LOG_FILE]);
    }
    const stack = await openStack(root, stackName(options["stack"], env), env);
    try {
      const seen = await assess(stack.context);
      const copies = await findCopies(name, seen, env);
      const faults = retireFaults({
        name,
        copies,
        placed: seen.desired.placed,
        reports: seen.reports,
        rows: parseLog(await readLog(root)),
        users: await findUsers(root, name),
        isUnknownMeant: options["unknown"] === true,
        now: new Date(),
      });
      if (faults.length > 0) {
        throw new FaultsError(faults);
      }
      if (copies.length === 0) {
        print(`${name} is nowhere at GitHub but where git wants it.`);
        return EXIT.ok;
      }
      const list = copies.map(({ repository, status }) => `${repository} (${status})`).join(", ");
      print(`To delete: ${name} at ${list}. Of the workflows only this repository's own were searched for it.`);
      return await deleteAll(name, copies, invocation);
    } finally {
      await stack.close();
    }
  },
};

/** What was typed is repeated only when it can be a secret's name: it may be a value at the wrong place. */
function wanted(word: string): string {
  const name = variableName(word);
  if (name === undefined) {
    throw new FaultsError([{ where: "NAME", what: "is no name of a GitHub secret", repair: "p24 retire NAME" }]);
  }
  return name;
}

/** Each deletion has its row, also when the next one fails. */
async function deleteAll(name: string, copies: readonly Copy[], invocation: Invocation): Promise<ExitCode> {
  const { options, root, env, print } = invocation;
  if (options["dry-run"] === true) {
    return EXIT.ok;
  }
  const repair = "--yes does what is shown above, --dry-run only shows it";
  if (options["yes"] !== true && !(await agrees(name, "Delete it? It cannot be read back.", repair))) {
    print("Nothing was changed.");
    return EXIT.blocked;
  }
  const rotator = await whoCommits(root, env);
  const message = `fix(secrets): retire ${name}`;
  const faults: Fault[] = [];
  const deleted: string[] = [];
  for (const copy of copies) {
    const fault = await deleteCopy(name, copy, env);
    if (fault === undefined) {
      deleted.push(copy.repository);
    } else {
      faults.push(fault);
    }
  }
  if (deleted.length > 0) {
    const now = new Date();
    const row = { date: dayOf(now), secret: name, rotator, confirmed: confirmedAt(now.toISOString()) };
    const rows = deleted.map((repository) => ({ ...row, reason: `retired: deleted at GitHub ${repository}` }));
    await writeLog(root, appendRows(await readLog(root), rows));
    print(`Deleted: ${name} at ${deleted.join(", ")}`);
    if (options["no-commit"] === true) {
      print(`Next: ${commitCommand([LOG_FILE], message)}`);
    } else {
      await commitFiles(root, env, [LOG_FILE], message);
    }
  }
  if (faults.length > 0) {
    throw new FaultsError(faults);
  }
  return EXIT.ok;
}
