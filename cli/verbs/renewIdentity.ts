import { readRecipient, refusePrivate } from "../../core/access/recipientText.js";
import { renderOpened } from "../../core/access/render.js";
import { withOtherRecipient } from "../../core/access/rulesEdit.js";
import { FaultsError } from "../../core/fault.js";
import { parseRecipients } from "../../core/model/recipients.js";
import { changeAccess } from "../access/change.js";
import { nextSteps, renderSteps } from "../access/next.js";
import { plainOf, readPast, rowsOf, WITHIN_HELP, WITHIN_OPTIONS } from "../access/opened.js";
import { isPair, rekeyPair, renderPair } from "../access/pair.js";
import { type AccessPlace, openAccess, RULES_FILE } from "../access/place.js";
import { nextOfRunner, runnerRecipient } from "../access/runner.js";
import { RUNNER } from "../init/rules.js";
import { COMMIT_HELP, COMMIT_OPTIONS, openWorkplace } from "../rotation/workplace.js";
import { EXIT, type ExitCode, type Invocation, type Verb } from "../verb.js";

/** Another identity in the place of a lost or stolen one (the spec's rule 7). */
export const rekey: Verb = {
  name: "rekey",
  summary: "put a new identity in the place of a lost one: of a host, the runner, a developer, the sync or the signer",
  example: "npm run p24 -- rekey vps_h1 age1…",
  words: [1, 2],
  options: {
    identity: { type: "string" },
    destroyed: { type: "boolean" },
    json: { type: "boolean" },
    ...WITHIN_OPTIONS,
    ...COMMIT_OPTIONS,
  },
  optionHelp: [
    "NAME              an anchor of .sops.yaml (vps_h1, gha_runner, dev_anna), sync_ssh_key or payload_signing_key",
    "RECIPIENT         the new identity's public part; p24 host install prints a host's, the runner's is made here",
    "--identity FILE   of the runner: where its new identity is, or is to be made; else gha.key beside yours",
    "--destroyed       nobody can have the former private part: no rows in the log",
    ...WITHIN_HELP,
    ...COMMIT_HELP,
    "--json            what was done, and what the former identity could open, as JSON",
  ],
  run: (invocation) => (isPair(invocation.rest[0] ?? "") ? rekeyOwn(invocation) : rekeyRecipient(invocation)),
};

/** The sync's or the signer's pair: its private part is a value of stack.sops.yaml. */
async function rekeyOwn(invocation: Invocation): Promise<ExitCode> {
  const { options, rest, print } = invocation;
  if (rest.length > 1) {
    const what = "is not needed: this pair is made here, and no one has a recipient of it";
    throw new FaultsError([{ where: "RECIPIENT", what, repair: "p24 rekey NAME alone" }]);
  }
  const done = await rekeyPair(await openWorkplace(invocation), rest[0] ?? "", options["no-commit"] !== true);
  print(options["json"] === true ? JSON.stringify(done, undefined, 2) : renderPair(done));
  return EXIT.ok;
}

async function rekeyRecipient({ options, rest, root, env, print }: Invocation): Promise<ExitCode> {
  const say = options["json"] === true ? () => undefined : print;
  // A file of that name would be made, and named in what is printed.
  refusePrivate("--identity", String(options["identity"] ?? ""));
  const [place, work] = await Promise.all([openAccess({ options, root, env }), openWorkplace({ options, root, env })]);
  const name = knownName(place, rest[0] ?? "");
  const recipient = rest[1] === undefined ? await withoutWord(place, name, options) : await readRecipient(rest[1]);
  refuseTaken(place, name, recipient);
  const past = await readPast(place, work, name, new Set([recipient]));
  const reason = `rekey ${name}`;
  const message = `chore(secrets): ${reason}`;
  const commit = options["no-commit"] !== true;
  const rows = options["destroyed"] === true ? {} : { rows: rowsOf(past, reason, work, options) };
  const done = await changeAccess(place, {
    edit: (rules) =>
      parseRecipients(rules).byName.get(name) === recipient ? rules : withOtherRecipient(rules, name, recipient),
    rotated: past.rotated,
    message,
    commit,
    ...rows,
  });
  const next =
    done.files.length === 0
      ? []
      : nextSteps(place, done, message, name === RUNNER ? nextOfRunner(place, options["identity"]) : []);
  if (options["json"] === true) {
    print(JSON.stringify({ name, recipient, ...plainOf(past), ...done, next }, undefined, 2));
    return EXIT.ok;
  }
  if (done.files.length === 0) {
    print(`${name} has this recipient already; nothing was changed.`);
    return EXIT.ok;
  }
  renderOpened({ ...past, name: `The former identity of ${name}` }).forEach(say);
  const made = done.commit === undefined ? "" : `, commit ${done.commit.slice(0, 12)} (${message})`;
  print(`\n${name} has its new recipient${made}; the former one opens none of the sources from here on.`);
  print(renderSteps("Next, in this order:", next));
  return EXIT.ok;
}

/** What was typed is not repeated: it may be a value. */
function knownName({ recipients: { byName } }: AccessPlace, typed: string): string {
  if (!byName.has(typed)) {
    const repair = `name one of: ${[...byName.keys()].join(", ")}, sync_ssh_key, payload_signing_key`;
    throw new FaultsError([{ where: "NAME", what: "is no anchor of .sops.yaml", repair }]);
  }
  return typed;
}

/** A host and a developer make their identities where they are used; the runner's is made here. */
function withoutWord(place: AccessPlace, name: string, options: Invocation["options"]): Promise<string> {
  if (name === RUNNER) {
    return runnerRecipient(place, options["identity"]);
  }
  const host = Object.keys(place.settings.hosts).find((one) => one.replaceAll("-", "_") === name);
  const repair =
    host === undefined
      ? `they make it: age-keygen -o FILE; then p24 rekey ${name} age1…`
      : `npm run p24 -- host install ${host} makes it there and prints it; then p24 rekey ${name} age1…`;
  throw new FaultsError([{ where: "RECIPIENT", name, what: "is missing", repair }]);
}

function refuseTaken({ recipients: { byName } }: AccessPlace, name: string, recipient: string): void {
  const other = [...byName].find(([one, its]) => its === recipient && one !== name)?.[0];
  if (other !== undefined) {
    const what = `would have the recipient that ${other} has already`;
    throw new FaultsError([{ where: RULES_FILE, name, what, repair: "give each an identity of its own" }]);
  }
}
