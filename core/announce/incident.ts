import { z } from "zod";

import { type Alert, ALERTS, identityOf } from "./alerts.js";

/**
 * What is known of everything that is open: the body of one issue holds it, so that it is where people look and every run
 * finds it, from whatever machine. Times are ISO 8601 in UTC.
 */
export interface Incident {
  readonly alerts: readonly KnownAlert[];
  /** When the channel was told last; `undefined` while it could not be. */
  readonly told: string | undefined;
  /** Ids of the messages that the channel got, which are changed when all is well again. */
  readonly messages: readonly string[];
}

export interface KnownAlert extends Alert {
  readonly since: string;
  /** Whether the channel was told of it. */
  readonly isTold: boolean;
}

const incidentSchema = z.object({
  alerts: z.array(
    z.object({
      name: z.enum(ALERTS),
      place: z.string(),
      what: z.string(),
      since: z.iso.datetime(),
      isTold: z.boolean(),
    }),
  ),
  told: z.iso.datetime().optional(),
  messages: z.array(z.string().regex(/^\d{1,20}$/)),
});

/** Begins the comment, which GitHub does not show, that holds the incident. */
export const INCIDENT_MARK = "<!-- p24:incident ";

/** The incident in an issue's body; `undefined` when there is none that can be read. */
export function readIncident(body: string): Incident | undefined {
  const at = body.indexOf(INCIDENT_MARK);
  const json = at === -1 ? "" : body.slice(at + INCIDENT_MARK.length, body.indexOf(" -->", at));
  try {
    const { told, ...rest } = incidentSchema.parse(JSON.parse(json));
    return { ...rest, told };
  } catch {
    return undefined;
  }
}

/** What {@link readIncident} reads, as a line of Markdown. */
export function writeIncident(incident: Incident): string {
  // A comment of HTML ends at its first -->, wherever that stands.
  return `${INCIDENT_MARK}${JSON.stringify(incident).replaceAll("-->", "--\\u003e")} -->`;
}

/** What is open is told again after a day: long enough not to be noise, short enough not to be forgotten. */
const REMIND_MS = 24 * 3_600_000;

/** What a run does about the alerts that it found. */
export interface Plan {
  /** What the issue says from now on; `undefined`: there is none, and none is wanted. */
  readonly next: Incident | undefined;
  /** Alerts for one message to the channel; none when nobody has to be told. */
  readonly tell: readonly Alert[];
  /** Alerts that were open and are not any more. */
  readonly over: readonly KnownAlert[];
}

/**
 * Decides what to tell. One message a run at most. An alert is told when it begins, and everything that is still open once more
 * a day after the last message; the same alert of the same place in between is not. What nobody could be told is tried again.
 */
export function planFor(former: Incident | undefined, alerts: readonly Alert[], now: Date): Plan {
  const known = new Map((former?.alerts ?? []).map((alert) => [identityOf(alert), alert]));
  const at = stamp(now);
  const open = alerts.map((alert) => {
    const before = known.get(identityOf(alert));
    return { ...alert, since: before?.since ?? at, isTold: before?.isTold ?? false };
  });
  const fresh = alerts.filter((alert) => known.get(identityOf(alert))?.isTold !== true);
  const isDue = former?.told === undefined || Date.parse(former.told) + REMIND_MS <= now.getTime();
  const still = new Set(alerts.map(identityOf));
  const over = [...known.values()].filter((alert) => !still.has(identityOf(alert)));
  if (alerts.length === 0) {
    return { next: undefined, tell: [], over };
  }
  const next = { alerts: open, told: former?.told, messages: former?.messages ?? [] };
  return { next, tell: isDue ? alerts : fresh, over };
}

/** The incident after the channel got a message about `told`; without the message's id there is no channel to tell. */
export function toldBy(incident: Incident, told: readonly Alert[], message: string | undefined, now: Date): Incident {
  const all = new Set(told.map(identityOf));
  const alerts = incident.alerts.map((alert) => ({ ...alert, isTold: alert.isTold || all.has(identityOf(alert)) }));
  const messages = message === undefined ? incident.messages : [...incident.messages, message].slice(-MOST_MESSAGES);
  return { alerts, told: stamp(now), messages };
}

const MOST_MESSAGES = 10;

/** A time as issues and messages show it: whole seconds of UTC. */
export function stamp(time: Date): string {
  return time.toISOString().replace(/\.\d+Z$/, "Z");
}
