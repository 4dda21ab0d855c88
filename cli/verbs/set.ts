import { locate } from "../../core/rotation/locate.js";
import { LOG_FILE } from "../../core/rotation/log.mjs";
import { takeValue, VALUE_HELP, VALUE_OPTIONS } from "../ask.js";
import { changeValue, sayDone } from "../rotation/change.js";
import { COMMIT_HELP, COMMIT_OPTIONS, openWorkplace } from "../rotation/workplace.js";
import { EXIT, type Verb } from "../verb.js";

/** Another value without the walk of a rotation: to correct one that was entered wrongly. */
export const set: Verb = {
  name: "set",
  summary: "correct a secret's value; p24 rotate walks its procedure too",
  example: "npm run p24 -- set smtp_password --reason 'typed wrongly'",
  words: [1, 1],
  options: { ...VALUE_OPTIONS, reason: { type: "string" }, ...COMMIT_OPTIONS },
  optionHelp: [
    "NAME              a key of secrets/*.sops.yaml; SOURCE/KEY where two hosts have the same",
    ...VALUE_HELP,
    "--reason TEXT     for the rotation log; else: corrected",
    ...COMMIT_HELP,
  ],
  async run({ options, rest, root, env, print }) {
    const place = await openWorkplace({ options, root, env });
    const located = locate(rest[0] ?? "", place.keys);
    const message = `fix(secrets): set ${located.key}`;
    const commit = await changeValue(place, located, {
      take: () => takeValue(options, located.row),
      reason: typeof options["reason"] === "string" ? options["reason"] : "corrected",
      message,
      commit: options["no-commit"] !== true,
      now: new Date(),
    });
    sayDone(print, `${located.row} has its new value in ${located.path}`, commit, [located.path, LOG_FILE], message);
    return EXIT.ok;
  },
};
