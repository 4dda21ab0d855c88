import { type Alert, alertsOf, alertsOfFaults } from "../../core/announce/alerts.js";
import { stamp } from "../../core/announce/incident.js";
import { SYNC_MARK, syncComment } from "../../core/announce/page.js";
import { commentAtCommit, openReporting } from "../../core/announce/repository.js";
import { isConverged } from "../../core/compare/report.js";
import { FaultsError } from "../../core/fault.js";
import { commitTime, fileAt } from "../../core/observe/git.js";
import { LOG_FILE } from "../../core/rotation/log.mjs";
import { closedBetween, PUBLISHED_REF } from "../../core/rotation/publish.js";
import { channelOf, keepUp } from "../announce/incident.js";
import { linksOf, summarize } from "../announce/links.js";
import { codeOf, look, type Look, overdueNow } from "../announce/look.js";
import type { Verb } from "../verb.js";

/** What a run of secrets-sync reports, when its other steps are over, however they ended. */
export const announceSync: Verb = {
  name: "announce sync",
  summary: "report a run of the sync: comment at the commit, issue and alert; exit code as status",
  example: "npm run p24 -- announce sync --up success",
  words: [0, 0],
  options: { up: { type: "string" }, stack: { type: "string", short: "s" } },
  optionHelp: [
    "--up OUTCOME      how the step ended that ran up: success, failure, cancelled, skipped",
    "-s, --stack NAME  the stack (else PULUMI_STACK, else prod)",
  ],
  async run({ options, root, env, print }) {
    const seen = await look({ root, options, env });
    const now = new Date();
    const to = await openReporting(seen.repository, env);
    const links = linksOf(seen.repository, env);
    const commit = await commitTime(root);
    if (commit === undefined) {
      throw new FaultsError([
        { where: "git", what: "this is not a checkout with a commit", repair: "run from a clone" },
      ]);
    }
    const seconds = Math.max(0, Math.round(now.getTime() / 1000 - commit.seconds));
    const [before = "", after = ""] = await Promise.all(
      ["HEAD", PUBLISHED_REF].map((revision) => fileAt(root, revision, LOG_FILE)),
    );
    const comment = syncComment({
      reports: seen.seen?.reports ?? [],
      faults: seen.faults,
      confirmed: closedBetween(before, after),
      seconds,
      at: stamp(now),
      links,
    });
    const alerts = await alertsFor(seen, String(options["up"] ?? ""), overdueNow({ root, options, env }, now));
    const isOk = seen.seen?.reports.every(isConverged) === true;
    const took = `${String(seconds)} s after the commit ${commit.name.slice(0, 12)}`;
    print(isOk ? `Every place was seen equal to git ${took}.` : `Not every place is equal to git, ${took}.`);
    await summarize(comment, env);
    const audience = { to, channel: await channelOf(seen.webhook), links, print };
    await bothOf(keepUp(audience, alerts, now), commentAtCommit(to, commit.name, SYNC_MARK, comment));
    return codeOf(seen);
  },
};

/** The alerts of a run that was to make every place equal to git. */
async function alertsFor(
  { seen, faults }: Look,
  up: string,
  overdue: Promise<{ secret: string; what: string }[]>,
): Promise<Alert[]> {
  if (seen === undefined) {
    return alertsOfFaults(faults, await overdue);
  }
  const { reports, warnings } = seen;
  const found = alertsOf({ reports, warnings, overdue: await overdue, isLeftBehind: () => true });
  const failed: Alert = {
    name: "SecretsSyncFailed",
    place: "run",
    what: "up did not end well although every place is equal to git; the run's log says why",
  };
  const isUnexplained = reports.every(isConverged) && !["success", ""].includes(up);
  return isUnexplained ? [failed, ...found] : found;
}

/** Two reports: one that fails keeps the other from nothing. Throws a FaultsError with the faults of both. */
async function bothOf(...reports: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(reports);
  const reasons: unknown[] = settled.flatMap((one) => (one.status === "rejected" ? [one.reason as unknown] : []));
  const faults = reasons.map((reason) => {
    if (!(reason instanceof FaultsError)) {
      throw reason;
    }
    return reason.faults;
  });
  if (faults.length > 0) {
    throw new FaultsError(faults.flat());
  }
}
