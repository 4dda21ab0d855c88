import { renderAudit } from "../../core/audit/render.js";
import { readGiven } from "../audit/files.js";
import { gatherAudit } from "../audit/gather.js";
import { readSettings, stackName } from "../stack.js";
import { EXIT, type Verb } from "../verb.js";
import { writeNamed } from "../written.js";

/** The inventory of spec 03, phase 1: which secret stands where, and in which tier it belongs. */
export const audit: Verb = {
  name: "audit",
  summary:
    "an inventory: each secret's places, tier and source; equal values, orphans, unused and missing ones; by name only",
  example: "npm run p24 -- audit .env.local monitoring hostinger --report inventory.md",
  words: [0, Number.POSITIVE_INFINITY],
  options: {
    report: { type: "string" },
    strict: { type: "boolean" },
    json: { type: "boolean" },
    stack: { type: "string", short: "s" },
  },
  optionHelp: [
    "FILE …            .env and Compose files, or folders that have some; GitHub, Vercel and git are looked at anyway",
    "--report FILE     write the report there, as Markdown (else print it)",
    "--strict          exit code 5 when something could not be read",
    "--json            the same as JSON",
    "-s, --stack NAME  the stack whose settings name the places (else PULUMI_STACK, else prod)",
  ],
  async run({ options, rest, root, env, print }) {
    const stack = stackName(options["stack"], env);
    const given = await readGiven(rest);
    const { settings, settingsFile } = await readSettings(root, stack, "bootstrap");
    const found = await gatherAudit({ root, env, stack, settings, settingsFile, given, now: new Date() });
    const report = options["report"];
    if (typeof report === "string") {
      await writeNamed("--report", "the report", report, `${renderAudit(found)}\n`);
      print(renderAudit(found).split("\n")[2] ?? "");
    } else {
      print(options["json"] === true ? JSON.stringify(found, undefined, 2) : renderAudit(found));
    }
    return options["strict"] === true && found.unread.length > 0 ? EXIT.blocked : EXIT.ok;
  },
};
