import { refuseLockOut } from "../../core/access/lockedOut.js";
import { readName } from "../../core/access/recipientText.js";
import { renderOpened } from "../../core/access/render.js";
import { withoutRecipient } from "../../core/access/rulesEdit.js";
import { FaultsError } from "../../core/fault.js";
import { parseRecipients } from "../../core/model/recipients.js";
import { changeAccess } from "../access/change.js";
import { nextSteps, renderSteps } from "../access/next.js";
import { plainOf, readPast, rootsOf, rowsOf, WITHIN_HELP, WITHIN_OPTIONS } from "../access/opened.js";
import { type AccessPlace, openAccess, RULES_FILE } from "../access/place.js";
import { agrees } from "../ask.js";
import { COMMIT_HELP, COMMIT_OPTIONS, openWorkplace } from "../rotation/workplace.js";
import { EXIT, type Verb } from "../verb.js";

/** A developer leaves: out of the rules, new data keys, and a row for every value that they still know. */
export const offboard: Verb = {
  name: "offboard",
  summary:
    "take a developer out of every source, with new data keys; lists what they still know, with its rows in the log",
  example: "npm run p24 -- offboard dev_anna --dry-run",
  words: [1, 1],
  options: {
    "dry-run": { type: "boolean" },
    yes: { type: "boolean" },
    json: { type: "boolean" },
    ...WITHIN_OPTIONS,
    ...COMMIT_OPTIONS,
  },
  optionHelp: [
    "NAME              their anchor in .sops.yaml: dev_anna; of somebody who has left already it lists what is left to rotate",
    "--dry-run         only list what they could open and was not changed since",
    "--yes             do it without asking",
    ...WITHIN_HELP,
    ...COMMIT_HELP,
    "--json            the list, and what was done, as JSON",
  ],
  async run({ options, rest, root, env, print }) {
    const say = options["json"] === true ? () => undefined : print;
    const name = readName(rest[0] ?? "");
    const [place, work] = await Promise.all([
      openAccess({ options, root, env }),
      openWorkplace({ options, root, env }),
    ]);
    const past = { ...(await readPast(place, work, name)), outside: rootsOf(work) };
    refuseStaying(place, name, past.recipients);
    renderOpened(past).forEach(say);
    if (options["dry-run"] === true) {
      if (options["json"] === true) {
        print(JSON.stringify({ name, ...plainOf(past) }, undefined, 2));
      }
      return EXIT.ok;
    }
    const edit = (rules: string) => (parseRecipients(rules).byName.has(name) ? withoutRecipient(rules, name) : rules);
    const reason = `offboard ${name}`;
    const message = `chore(secrets): ${reason}`;
    const rows = rowsOf(past, reason, work, options);
    refuseOwn(place, past.recipients);
    refuseLockOut(place.recipients, parseRecipients(edit(place.rulesText)), place.mine);
    const question = `Take ${name} out of ${RULES_FILE}, and encrypt the sources anew under other data keys?`;
    if (options["yes"] !== true && !(await agrees(name, question, "--yes, or --dry-run for the list alone"))) {
      say("Nothing was changed.");
      return EXIT.blocked;
    }
    const commit = options["no-commit"] !== true;
    const done = await changeAccess(place, { edit, rotated: past.rotated, rows, message, commit });
    const next = done.files.length === 0 ? [] : nextSteps(place, done, message);
    if (options["json"] === true) {
      print(JSON.stringify({ name, ...plainOf(past), ...done, next }, undefined, 2));
    } else if (done.files.length === 0) {
      print(`${name} was taken out already, and the rows are open; nothing was changed.`);
    } else {
      const made = done.commit === undefined ? "" : `, commit ${done.commit.slice(0, 12)} (${message})`;
      print(`\n${name} opens none of the sources from here on${made}. Older commits stay readable to them for ever.`);
      print(renderSteps("Next (each host lists who may read its answers), then the rotations above:", next));
    }
    return EXIT.ok;
  },
};

/** A name of former times whose identity goes on under another one is no one who leaves. */
function refuseStaying({ recipients: { byName } }: AccessPlace, name: string, theirs: ReadonlySet<string>): void {
  const other = [...byName].find(([one, recipient]) => one !== name && theirs.has(recipient))?.[0];
  if (other !== undefined) {
    const what = `is the former name of an identity that goes on as ${other}`;
    throw new FaultsError([{ where: RULES_FILE, name, what, repair: `p24 offboard ${other} when that one leaves` }]);
  }
}

function refuseOwn({ mine, recipients: { byName } }: AccessPlace, theirs: ReadonlySet<string>): void {
  const isOwn = [...byName.values()].some((recipient) => theirs.has(recipient) && mine.has(recipient));
  if (isOwn) {
    const what = "is an identity of this machine: you would lock yourself out; nothing was changed";
    throw new FaultsError([{ where: RULES_FILE, what, repair: "let another developer do it" }]);
  }
}
