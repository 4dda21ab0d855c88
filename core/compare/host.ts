import type { Fault } from "../fault.js";
import type { HostSettings } from "../model/settings.js";
import type { Observed } from "../observe/github.js";
import type { HostObservation, NotAsked, ObservedService } from "../observe/host.js";
import type { Fingerprint } from "../seal/fingerprint.js";
import { type NameReport, notAskedReport, placeReport, type PlaceReport, unreachableReport } from "./report.js";

/**
 * Compares one host's `.env`, and the containers that run with it, with git. `recipient` is the host's in .sops.yaml.
 */
export function compareHost(
  host: string,
  settings: Pick<HostSettings, "prune" | "target">,
  recipient: string | undefined,
  desired: ReadonlyMap<string, Fingerprint>,
  observed: Observed<HostObservation> | NotAsked,
): PlaceReport {
  const place = `host:${host}`;
  if ("notAsked" in observed) {
    return notAskedReport(place, desired.size);
  }
  if ("unreachable" in observed) {
    return unreachableReport(place, desired.size, observed.unreachable);
  }
  const seen = observed.seen;
  const names = [...desired].flatMap(([name, git]) => nameReport(name, git, seen));
  const inSync = desired.size - names.length;
  for (const name of seen.own.keys()) {
    if (!desired.has(name)) {
      names.push({ name, status: "orphan" });
    }
  }
  const leftover = [...new Set(seen.foreign)].filter((name) => !desired.has(name)).sort();
  names.push(
    ...leftover.map((name) => ({ name, status: settings.prune.includes(name) ? "orphan" : "foreign" }) as const),
  );
  const faults = [...identityFaults(host, recipient, seen), ...foreignFaults(host, settings, leftover)];
  return placeReport(place, "verified", inSync, names, faults, [...notes(seen), ...outdatedNotes(names, seen)]);
}

function nameReport(name: string, git: Fingerprint, seen: HostObservation): NameReport[] {
  if (seen.foreign.includes(name)) {
    return [{ name, status: "adopted", git }];
  }
  if (!seen.own.has(name)) {
    return [{ name, status: "missing", git }];
  }
  const there = seen.own.get(name);
  if (there !== git) {
    return [{ name, status: "differs", git, ...(there === undefined ? {} : { there }) }];
  }
  const stale = byName(seen.services).filter(({ env }) => env.has(name) && env.get(name) !== git);
  if (stale.length === 0) {
    return [];
  }
  const running = stale[0]?.env.get(name);
  const services = [...new Set(stale.map((service) => service.name))];
  return [{ name, status: "stale process", git, services, ...(running === undefined ? {} : { there: running }) }];
}

/** Docker lists containers by age; a report must not change with it. */
function byName(services: readonly ObservedService[]): ObservedService[] {
  return [...services].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function identityFaults(host: string, recipient: string | undefined, seen: HostObservation): Fault[] {
  const where = `host ${host}`;
  if (seen.identity === "absent") {
    const repair = "on the host: age-keygen -o /root/.age/secrets.key, then put its public part into .sops.yaml";
    return [{ where, what: "has no age identity at /root/.age/secrets.key", repair }];
  }
  if (seen.identity === "mode") {
    const repair = "on the host: chmod 600 /root/.age/secrets.key";
    return [{ where, what: "its age identity can be read by others than root", repair }];
  }
  if (seen.recipient !== recipient) {
    const repair = `put the host's public part (age-keygen -y /root/.age/secrets.key) behind &${recipientName(host)} in .sops.yaml, then sops updatekeys`;
    return [{ where, what: "its age identity is not the recipient in .sops.yaml", repair }];
  }
  return [];
}

/** Hosts are named with dashes, their recipients in .sops.yaml with underscores: `vps-i1`, `vps_i1`. */
export function recipientName(host: string): string {
  return host.replaceAll("-", "_");
}

function foreignFaults(
  host: string,
  settings: Pick<HostSettings, "prune" | "target">,
  leftover: readonly string[],
): Fault[] {
  const names = leftover.filter((name) => !settings.prune.includes(name));
  if (names.length === 0) {
    return [];
  }
  return [
    {
      where: `host ${host}`,
      what: `the .env file of ${settings.target} has names that git does not know: ${names.join(", ")}; it is not replaced`,
      repair: `for each: p24 import ${host} FILE --only NAME takes it over from a copy of that file, or list it in hosts.${host}.plain (no secret) or hosts.${host}.prune (drop it)`,
    },
  ];
}

/** A stale process is named where its value tells; this is what Compose knows beside that, once the file is git's. */
function outdatedNotes(names: readonly NameReport[], seen: HostObservation): string[] {
  if (names.some(({ status }) => status !== "stale process" && status !== "foreign")) {
    return [];
  }
  const named = names.flatMap(({ services = [] }) => services);
  return [...new Set(seen.recreate)]
    .filter((service) => !named.includes(service))
    .sort()
    .map((service) => `service ${service} runs with something else than its files say; up starts it anew`);
}

function notes(seen: HostObservation): string[] {
  const found: string[] = [];
  if (seen.file === undefined) {
    found.push("there is no .env file yet");
  } else if (seen.file.mode !== seen.want.mode || seen.file.owner !== seen.want.owner) {
    found.push(`the .env file is ${seen.file.mode} ${seen.file.owner}, not ${seen.want.mode} ${seen.want.owner}`);
  }
  if (seen.unread > 0) {
    found.push(`the .env file has ${String(seen.unread)} lines that are no assignments`);
  }
  if (seen.pending) {
    found.push("an apply was begun and not finished");
  }
  if (seen.docker !== "ok") {
    found.push(`Docker is ${seen.docker}: the containers could not be compared`);
  }
  for (const { name, state, health } of byName(seen.services)) {
    if (state !== "running" || health === "unhealthy") {
      found.push(`service ${name} is ${state === "running" ? health : state}`);
    }
  }
  return found;
}
