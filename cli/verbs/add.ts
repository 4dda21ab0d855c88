import { FaultsError } from "../../core/fault.js";
import { parseInventory } from "../../core/model/inventory.js";
import { type NewEntry, withEntry } from "../../core/model/inventoryEdit.js";
import { keyProblem } from "../../core/model/names.js";
import { sourcePath } from "../../core/model/sources.js";
import { checkChange } from "../../core/rotation/check.js";
import { takeValue, VALUE_HELP, VALUE_OPTIONS } from "../ask.js";
import { whoCommits } from "../commit.js";
import { changeMembership, sayDone } from "../rotation/change.js";
import { COMMIT_HELP, COMMIT_OPTIONS, INVENTORY_FILE, openWorkplace } from "../rotation/workplace.js";
import { EXIT, type Invocation, type Verb } from "../verb.js";

/** A new secret in a source, with its entry in the inventory. */
export const add: Verb = {
  name: "add",
  summary: "put a new secret into secrets/SOURCE.sops.yaml, and its entry into inventory.yaml",
  example: "npm run p24 -- add pdf_service_api_key --to shared --issuer 'PDF service' --rotation-days 90",
  words: [1, 1],
  options: {
    to: { type: "string" },
    ...VALUE_OPTIONS,
    issuer: { type: "string" },
    owner: { type: "string" },
    "rotation-days": { type: "string" },
    form: { type: "string" },
    effect: { type: "string" },
    procedure: { type: "string" },
    note: { type: "string" },
    ...COMMIT_OPTIONS,
  },
  optionHelp: [
    "NAME              the key: lower-case letters, digits, underscores",
    "--to SOURCE       shared (every host), github-actions, stack, or a host's name",
    ...VALUE_HELP,
    "--issuer, --owner, --rotation-days N, --form REGEX, --effect env|procedure|never-generate, --procedure, --note",
    "                  what inventory.yaml says of it; the owner is you when nobody is named",
    ...COMMIT_HELP,
  ],
  async run({ options, rest, root, env, print }) {
    const key = rest[0] ?? "";
    const source = sourceOption(options);
    const path = sourcePath(source);
    const place = await openWorkplace({ options, root, env });
    refuseKey(
      key,
      path,
      place.keys.all.some((one) => one.key === key && one.source === source),
    );
    const inventory = withEntry(place.inventoryText, key, entryOf(options, await whoCommits(root, env)));
    const rules = { ...place, inventory: parseInventory(inventory) };
    const change = { source, key, secret: await takeValue(options, key) };
    await checkChange(rules, change);
    const message = `feat(secrets): add ${key}`;
    const files = { inventory, log: place.log };
    const commit = options["no-commit"] !== true;
    const done = await changeMembership(place, { change, ...files, message, commit });
    sayDone(print, `${key} is in ${path}`, done, [path, INVENTORY_FILE], message);
    return EXIT.ok;
  },
};

function sourceOption({ to }: Invocation["options"]): string {
  if (typeof to !== "string" || !/^[a-z0-9-]+$/.test(to)) {
    const repair = "--to shared, github-actions, stack, or a host's name";
    throw new FaultsError([{ where: "--to", what: "names no source", repair }]);
  }
  return to;
}

/** A name that cannot be one is not repeated: it may be a value that was typed at the wrong place. */
function refuseKey(key: string, path: string, isThere: boolean): void {
  const what = keyProblem(key);
  if (what !== undefined) {
    throw new FaultsError([{ where: "NAME", what, repair: "p24 add NAME --to SOURCE" }]);
  }
  if (isThere) {
    throw new FaultsError([{ where: path, name: key, what: "is there already", repair: `p24 rotate ${key}` }]);
  }
}

function entryOf(options: Invocation["options"], who: string): NewEntry {
  const text = (name: string) => (typeof options[name] === "string" ? { [name]: options[name] } : {});
  const days = options["rotation-days"];
  return {
    ...text("issuer"),
    owner: who,
    ...text("owner"),
    ...(typeof days === "string" ? { rotation_days: Number(days) } : {}),
    ...text("form"),
    ...text("effect"),
    ...text("procedure"),
    ...text("note"),
  };
}
