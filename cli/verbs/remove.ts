import { withoutEntry } from "../../core/model/inventoryEdit.js";
import { checkChange } from "../../core/rotation/check.js";
import { dayOf } from "../../core/rotation/due.js";
import { isAbout, locate } from "../../core/rotation/locate.js";
import { closeRows } from "../../core/rotation/log.mjs";
import { agrees } from "../ask.js";
import { changeMembership, sayDone } from "../rotation/change.js";
import { COMMIT_HELP, COMMIT_OPTIONS, INVENTORY_FILE, openWorkplace } from "../rotation/workplace.js";
import { EXIT, type Verb } from "../verb.js";

/** Takes a secret out of its source; the next `up` takes it away from its places. */
export const remove: Verb = {
  name: "remove",
  summary: "take a secret out of its source and its entry out of inventory.yaml; the next up takes it from its places",
  example: "npm run p24 -- remove pdf_service_api_key --yes",
  words: [1, 1],
  options: { yes: { type: "boolean" }, ...COMMIT_OPTIONS },
  optionHelp: [
    "NAME              a key of secrets/*.sops.yaml; SOURCE/KEY where two hosts have the same",
    "--yes             do it without asking",
    ...COMMIT_HELP,
  ],
  async run({ options, rest, root, env, print }) {
    const place = await openWorkplace({ options, root, env });
    const located = locate(rest[0] ?? "", place.keys);
    const { key, source, path, row } = located;
    const change = { source, key, secret: undefined };
    await checkChange(place, change);
    const question = `Remove ${row} from ${path}, and with the next up from its places?`;
    if (options["yes"] !== true && !(await agrees(row, question, "--yes"))) {
      print("Nothing was changed.");
      return EXIT.blocked;
    }
    const isLast = !place.keys.all.some((one) => one.key === key && one.path !== path);
    const inventory = isLast ? withoutEntry(place.inventoryText, key) : place.inventoryText;
    // What waited for this secret's places need not wait any more.
    const closed = closeRows(
      place.log,
      ({ secret, state }) => state === "pending" && isAbout(secret, located),
      `removed from git, ${dayOf(new Date())}`,
    );
    const message = `fix(secrets): remove ${key}`;
    const commit = options["no-commit"] !== true;
    const done = await changeMembership(place, { change, inventory, log: closed.text, message, commit });
    sayDone(print, `${row} is no longer in ${path}`, done, [path, INVENTORY_FILE], message);
    return EXIT.ok;
  },
};
