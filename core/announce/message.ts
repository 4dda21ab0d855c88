import type { Alert, AlertName } from "./alerts.js";

/** Where readers of an alert go on. */
export interface Links {
  /** `radieu/p24-infra` */
  readonly repository: string;
  /** The run's page; `undefined` outside of a workflow. */
  readonly run: string | undefined;
}

/** The section of docs/runbook.md about an alert, as GitHub shows it. */
export function runbookLink(name: AlertName, { repository }: Pick<Links, "repository">): string {
  return `https://github.com/${repository}/blob/main/docs/runbook.md#${name.toLowerCase()}`;
}

/** Discord's limits, in characters: discord.com/developers/docs, "Embed limits". */
const TITLE = 256;
const DESCRIPTION = 4096;
const LINE = 600;

const RED = 0xc0392b;
const GREEN = 0x2e7d32;

/**
 * The one message format, as Discord's "Execute Webhook" takes it: a title, a line an alert with its section of the runbook,
 * the run. Nobody is mentioned, whatever a text holds.
 */
export function alertMessage(alerts: readonly Alert[], links: Links, at: string): object {
  const [first] = alerts;
  const more = alerts.length > 1 ? ` and ${String(alerts.length - 1)} more` : "";
  return embed(`${first === undefined ? "" : `${first.name}: ${first.place}`}${more}`, RED, alerts, links, at);
}

/** The same message once nothing is open any more. It takes the place of the one that was sent, so it alerts nobody again. */
export function resolvedMessage(alerts: readonly Alert[], links: Links, at: string): object {
  return embed("Resolved", GREEN, alerts, links, at);
}

function embed(title: string, color: number, alerts: readonly Alert[], links: Links, at: string): object {
  const lines = alerts.map(
    ({ name, place, what }) => `**[${name}](${runbookLink(name, links)})** ${plain(place)}: ${cut(plain(what), LINE)}`,
  );
  return {
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: cut(`p24 ${title}`, TITLE),
        ...(links.run === undefined ? {} : { url: links.run }),
        description: cut(lines.join("\n"), DESCRIPTION),
        color,
        footer: { text: links.repository },
        timestamp: at,
      },
    ],
  };
}

/** Without what Discord and GitHub would take for a link, a mention or emphasis. */
export function plain(text: string): string {
  return text.replace(/[\r\n]+/g, " ").replace(/[<>@`*[\]|\\]/g, (sign) => `\\${sign}`);
}

/** At most so many characters, the last of them a … when there were more. */
export function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
