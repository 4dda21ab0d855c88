import { readName, readRecipient } from "../../core/access/recipientText.js";
import { withRecipient } from "../../core/access/rulesEdit.js";
import { type Fault, FaultList, FaultsError } from "../../core/fault.js";
import { developersOf } from "../../core/model/lockOut.js";
import { parseRecipients } from "../../core/model/recipients.js";
import { changeAccess } from "../access/change.js";
import { nextSteps, renderSteps } from "../access/next.js";
import { type AccessPlace, openAccess, RULES_FILE } from "../access/place.js";
import { COMMIT_HELP, COMMIT_OPTIONS } from "../rotation/workplace.js";
import { EXIT, type Verb } from "../verb.js";

/** A further developer can open what the developers can. */
export const onboard: Verb = {
  name: "onboard",
  summary: "let a further developer open the sources: .sops.yaml, every file's recipients, commit",
  example: "npm run p24 -- onboard dev_anna age1…",
  words: [2, 2],
  options: { json: { type: "boolean" }, ...COMMIT_OPTIONS },
  optionHelp: [
    "NAME              the new anchor of .sops.yaml: dev_anna",
    "RECIPIENT         the public part of their age identity, which they made themselves (age-keygen -y FILE)",
    ...COMMIT_HELP,
    "--json            what was done as JSON",
  ],
  async run({ options, rest, root, env, print }) {
    const { name, recipient } = await readWords(rest);
    const place = await openAccess({ options, root, env });
    const fault = takenFault(place, name, recipient);
    if (fault !== undefined) {
      throw new FaultsError([fault]);
    }
    const message = `chore(secrets): onboard ${name}`;
    const done = await changeAccess(place, {
      edit: (rules) => withDeveloper(rules, name, recipient),
      rotated: [],
      message,
      commit: options["no-commit"] !== true,
    });
    const next = done.files.length === 0 ? [] : nextSteps(place, done, message);
    if (options["json"] === true) {
      print(JSON.stringify({ name, recipient, ...done, next }, undefined, 2));
    } else if (done.files.length === 0) {
      print(`${name} is there already, with this recipient; nothing was changed.`);
    } else {
      const commit = done.commit === undefined ? "" : `, commit ${done.commit.slice(0, 12)} (${message})`;
      print(`${name} can open what the developers can${commit}.`);
      print(renderSteps("Next (each host lists who may read its answers):", next));
    }
    return EXIT.ok;
  },
};

async function readWords([typedName = "", typedRecipient = ""]: readonly string[]) {
  const faults = new FaultList();
  const name = faults.collect(() => readName(typedName));
  const recipient = await faults.collectAsync(readRecipient(typedRecipient));
  faults.throwIfAny();
  return { name: name ?? "", recipient: recipient ?? "" };
}

/** One name has one recipient, and the other way round. Both of them together may be what a killed run left. */
function takenFault({ recipients: { byName } }: AccessPlace, name: string, recipient: string): Fault | undefined {
  const known = byName.get(name);
  if (known !== undefined && known !== recipient) {
    const repair = `p24 rekey ${name} RECIPIENT when it is their new identity; else another name`;
    return { where: RULES_FILE, name, what: "is there already, with another recipient", repair };
  }
  const other = [...byName].find(([one, its]) => its === recipient && one !== name)?.[0];
  const repair = "each person has an identity of their own: age-keygen -o FILE";
  return other === undefined
    ? undefined
    : { where: RULES_FILE, name, what: `would have the recipient that ${other} has already`, repair };
}

/** In every rule that names a developer. */
function withDeveloper(rules: string, name: string, recipient: string): string {
  const recipients = parseRecipients(rules);
  if (recipients.byName.has(name)) {
    return rules;
  }
  const developers = developersOf(recipients.byName);
  const chosen = recipients.rules.flatMap((rule, index) =>
    [...rule.recipients].some((one) => developers.has(one)) ? [index] : [],
  );
  return withRecipient(rules, name, recipient, new Set(chosen));
}
