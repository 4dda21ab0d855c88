import { alertsOf, alertsOfFaults } from "../../core/announce/alerts.js";
import { wasLeftBehind } from "../../core/announce/leftBehind.js";
import { placeTable } from "../../core/announce/page.js";
import { openReporting } from "../../core/announce/repository.js";
import { renderFault } from "../../core/fault.js";
import { channelOf, keepUp } from "../announce/incident.js";
import { linksOf, summarize } from "../announce/links.js";
import { codeOf, look, overdueNow } from "../announce/look.js";
import { EXIT, type Verb } from "../verb.js";

/** What the nightly run reports. */
export const announceDrift: Verb = {
  name: "announce drift",
  summary:
    "report what differs, who is overdue and what threatens: issue and alert; exit code as status, 5 when overdue",
  example: "npm run p24 -- announce drift",
  words: [0, 0],
  options: { stack: { type: "string", short: "s" } },
  optionHelp: ["-s, --stack NAME  the stack (else PULUMI_STACK, else prod)"],
  async run({ options, root, env, print }) {
    const { repository, seen, faults, webhook } = await look({ root, options, env });
    const now = new Date();
    const overdue = await overdueNow({ root, options, env }, now);
    const links = linksOf(repository, env);
    const left = seen !== undefined && (await wasLeftBehind(root, seen.ledger));
    const alerts =
      seen === undefined
        ? alertsOfFaults(faults, overdue)
        : alertsOf({ reports: seen.reports, warnings: seen.warnings, overdue, isLeftBehind: () => left });
    const faultLines = faults.map((fault) => `- ${renderFault(fault)}`).join("\n");
    await summarize(seen === undefined ? faultLines : placeTable(seen.reports), env);
    for (const { name, place, what } of alerts) {
      print(`${name} ${place}: ${what}`);
    }
    const to = await openReporting(repository, env);
    await keepUp({ to, channel: await channelOf(webhook), links, print }, alerts, now);
    if (alerts.length === 0) {
      print("Nothing is open.");
    }
    const code = codeOf({ seen });
    return code === EXIT.ok && alerts.length > 0 ? EXIT.blocked : code;
  },
};
