import type { Alert } from "../../core/announce/alerts.js";
import { type Incident, INCIDENT_MARK, planFor, readIncident, stamp, toldBy } from "../../core/announce/incident.js";
import { alertMessage, type Links, resolvedMessage } from "../../core/announce/message.js";
import { INCIDENT_LABELS, incidentIssue } from "../../core/announce/page.js";
import { changeIssue, findIssue, openIssue, type Reporting } from "../../core/announce/repository.js";
import { openTellingDoor } from "../../core/observe/http.js";
import type { Secret } from "../../core/seal/secret.js";
import { type Channel, openChannel } from "../../core/seal/webhook.js";

/** Whom a run tells what it found. */
export interface Audience {
  readonly to: Reporting;
  /** `undefined`: git has no webhook, and the issue alone tells. */
  readonly channel: Channel | undefined;
  readonly links: Links;
  readonly print: (text: string) => void;
}

export async function channelOf(webhook: Secret | undefined): Promise<Channel | undefined> {
  return webhook === undefined
    ? undefined
    : openChannel(webhook, await openTellingDoor("POST"), await openTellingDoor("PATCH"));
}

/**
 * Brings the one issue and the channel up to what is open now: opens it with the first alert, keeps it up, closes it with the
 * last. When GitHub does not answer, nobody knows what was told before: then everything is told, rather once too often, and the
 * error is passed on.
 */
export async function keepUp(audience: Audience, alerts: readonly Alert[], now: Date): Promise<void> {
  const { to, channel, links, print } = audience;
  let issue;
  try {
    issue = await findIssue(to, INCIDENT_MARK);
  } catch (error) {
    if (alerts.length > 0) {
      await tell(audience, alerts, now);
    }
    throw error;
  }
  const former = issue === undefined ? undefined : readIncident(issue.body);
  const { next, tell: told, over } = planFor(former, alerts, now);
  for (const { name, place } of over) {
    print(`Over: ${name} ${place}`);
  }
  if (next === undefined) {
    if (issue !== undefined) {
      const message = resolvedMessage(over, links, stamp(now));
      for (const id of former?.messages ?? []) {
        await channel?.replace(id, message);
      }
      await changeIssue(to, issue.number, { state: "closed" });
      print(`Closed the issue #${String(issue.number)}: nothing is open any more.`);
    }
    return;
  }
  const after = told.length === 0 ? next : await tellAbout(audience, next, told, now);
  const { title, body } = incidentIssue(after, links);
  if (issue === undefined) {
    await openIssue(to, title, body, INCIDENT_LABELS);
    print(`Opened an issue: ${title}`);
  } else {
    await changeIssue(to, issue.number, { title, body });
    print(`Kept up the issue #${String(issue.number)}: ${title}`);
  }
}

async function tellAbout(audience: Audience, next: Incident, told: readonly Alert[], now: Date): Promise<Incident> {
  const outcome = await tell(audience, told, now);
  return outcome === "untold" ? next : toldBy(next, told, outcome, now);
}

/** Sends one message. Gives its id; `undefined` when there is no channel; `untold` when the channel did not take it. */
async function tell(
  { channel, links, print }: Audience,
  alerts: readonly Alert[],
  now: Date,
): Promise<string | undefined> {
  if (channel === undefined) {
    print("No channel is alerted: secrets/stack.sops.yaml has no alert_webhook_url.");
    return undefined;
  }
  const id = await channel.send(alertMessage(alerts, links, stamp(now)));
  if (id === undefined) {
    process.stderr.write(
      "warning: secrets/stack.sops.yaml: alert_webhook_url: Discord did not take the alert; the next run tries again. " +
        "Repair: make the channel's webhook anew, then p24 rotate alert_webhook_url\n",
    );
    return "untold";
  }
  print(`Alerted the channel: ${alerts.map(({ name, place }) => `${name} ${place}`).join(", ")}`);
  return id;
}
