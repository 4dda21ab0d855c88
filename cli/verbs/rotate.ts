import { FaultsError } from "../../core/fault.js";
import type { InventoryEntry } from "../../core/model/inventory.js";
import { readAges } from "../../core/rotation/ages.js";
import { isAbout, locate, type Located } from "../../core/rotation/locate.js";
import { LOG_FILE, parseLog } from "../../core/rotation/log.mjs";
import { renderAges, renderAsked } from "../../core/rotation/render.js";
import { agrees, takeValue, VALUE_HELP, VALUE_OPTIONS } from "../ask.js";
import { changeValue, sayDone } from "../rotation/change.js";
import { COMMIT_HELP, COMMIT_OPTIONS, openWorkplace, type Workplace } from "../rotation/workplace.js";
import { EXIT, type ExitCode, type Invocation, type Verb } from "../verb.js";

/** A new value, its row in the log, and the commit in the spec's words. */
export const rotate: Verb = {
  name: "rotate",
  summary: "give a secret a new value, with its row in the rotation log; --due lists what is over its interval",
  example: "npm run p24 -- rotate grafana_admin_password --generate password",
  words: [0, 1],
  options: {
    ...VALUE_OPTIONS,
    reason: { type: "string" },
    "procedure-done": { type: "boolean" },
    due: { type: "boolean" },
    json: { type: "boolean" },
    ...COMMIT_OPTIONS,
  },
  optionHelp: [
    "NAME              a key of secrets/*.sops.yaml; SOURCE/KEY where two hosts have the same",
    ...VALUE_HELP,
    "--reason TEXT     for the rotation log; else that of its row that says it is to be rotated, else: scheduled",
    "--procedure-done  what inventory.yaml says is to be done before was done",
    ...COMMIT_HELP,
    "--due             list every secret that has an interval; exit code 5 when one is over it",
    "--json            with --due: as JSON",
  ],
  async run(invocation) {
    const { options, rest, print } = invocation;
    const place = await openWorkplace(invocation);
    if (options["due"] === true) {
      return listDue(place, invocation);
    }
    const located = locate(wanted(rest[0]), place.keys);
    if (!(await walkProcedure(place.inventory.get(located.key), located, invocation))) {
      print("Nothing was changed.");
      return EXIT.blocked;
    }
    const message = `fix(secrets): rotate ${located.key}`;
    const commit = await changeValue(place, located, {
      take: () => takeValue(options, located.row),
      reason: reasonFor(located, place, options["reason"]),
      message,
      commit: options["no-commit"] !== true,
      now: new Date(),
    });
    sayDone(print, `${located.row} has its new value in ${located.path}`, commit, [located.path, LOG_FILE], message);
    return EXIT.ok;
  },
};

function wanted(name: string | undefined): string {
  if (name === undefined) {
    throw new FaultsError([{ where: "NAME", what: "is missing", repair: "p24 rotate NAME, or p24 rotate --due" }]);
  }
  return name;
}

/** Secrets with an interval, and rotations that the log asks for by a time. */
async function listDue(place: Workplace, { options, print }: Invocation): Promise<ExitCode> {
  const now = new Date();
  const rows = parseLog(place.log);
  const ages = await readAges(place.root, place.keys.all, place.inventory, rows, now);
  const over = ages.filter(({ isOver }) => isOver);
  const asked = rows.filter(({ due }) => due !== undefined);
  const late = asked.filter(({ due }) => Date.parse(due ?? "") <= now.getTime());
  const open = over.length + late.length;
  if (options["json"] === true) {
    const plain = ages.map(({ secret, ...age }) => ({ secret: secret.row, path: secret.path, ...age }));
    print(JSON.stringify({ overdue: open, secrets: plain, asked }, undefined, 2));
  } else {
    renderAges(ages).forEach(print);
    renderAsked(asked).forEach(print);
    print(open === 0 ? "Nothing is overdue." : `Overdue: ${String(open)}.`);
  }
  return open === 0 ? EXIT.ok : EXIT.blocked;
}

/** What a new value needs beside a restart. Gives whether it was done; throws a FaultsError when a value must not be made. */
async function walkProcedure(
  entry: InventoryEntry | undefined,
  { row }: Located,
  { options, print }: Invocation,
): Promise<boolean> {
  if (entry === undefined || entry.effect === "env") {
    return true;
  }
  const procedure = entry.procedure ?? "inventory.yaml does not say what; ask its owner";
  const isDone = options["procedure-done"] === true;
  if (entry.effect === "never-generate" && (!isDone || typeof options["generate"] === "string")) {
    const what = `is not rotated by a new value alone, and never generated: ${procedure}`;
    const repair = `when that is done: p24 rotate ${row} --procedure-done, and the value by prompt or standard input`;
    throw new FaultsError([{ where: "inventory.yaml", name: row, what, repair }]);
  }
  print(`${row} needs more than a new value and a restart: ${procedure}`);
  return isDone || agrees(row, "Is everything done that comes before the new value?", "--procedure-done");
}

/** The last row that asks for this rotation gives the reason. */
function reasonFor(located: Located, { log }: Workplace, option: Invocation["options"][string]): string {
  if (typeof option === "string") {
    return option;
  }
  const asked = parseLog(log).findLast(({ secret, state }) => state === "to rotate" && isAbout(secret, located));
  return asked === undefined || asked.reason === "" ? "scheduled" : asked.reason;
}
