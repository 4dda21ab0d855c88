import { auditHistory } from "../../guard/audit.js";
import { renderAudit } from "../../guard/auditReport.js";
import { codeOf } from "./guard.js";
import type { Verb } from "../verb.js";
import { writeNamed } from "../written.js";

/** The spec's acceptance check over the whole history. */
export const historyAudit: Verb = {
  name: "history audit",
  summary: "look for plaintext and forbidden names in every commit; a report to sign; exit code 3 when there is any",
  example: "npm run p24 -- history audit --report audit.md",
  words: [0, 0],
  options: { report: { type: "string" }, strict: { type: "boolean" }, json: { type: "boolean" } },
  optionHelp: [
    "--report FILE  write the report there, as Markdown (else print it)",
    "--strict       exit code 5 when a check could not be made",
    "--json         the result as JSON",
  ],
  async run({ options, root, env, print }) {
    const audit = await auditHistory(root, env);
    const report = options["report"];
    if (typeof report === "string") {
      await writeNamed("--report", "the report", report, renderAudit(audit));
      print(renderAudit(audit).split("\n")[2] ?? "");
    } else {
      print(options["json"] === true ? JSON.stringify(audit, undefined, 2) : renderAudit(audit));
    }
    return codeOf(audit, options["strict"] === true);
  },
};
