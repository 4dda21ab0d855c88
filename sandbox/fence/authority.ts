/**
 * Who a proxy request wants to reach, and whether the fence lets it. Pure: no socket, no look-up. Targets are read
 * by strict patterns and not by `URL`, which would turn `2130706433`, `0x7f.1` or full-width digits into addresses.
 */
import { BlockList, isIPv4, isIPv6 } from "node:net";

/** Host and port of a target. A name is lower-case and without the dot that may end it; IPv6 is without brackets. */
export interface Authority {
  host: string;
  port: number;
  /** `name` is a DNS name; the fence never resolves one. */
  kind: "name" | "ipv4" | "ipv6";
}

/** What happens to a request: an emulated host answers, a loopback address is connected, or nothing is. */
export type Verdict =
  | { kind: "route"; host: string }
  | { kind: "loopback"; addresses: string[]; port: number }
  | { kind: "refuse"; reason: string };

const NAME = /^(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*$/;
/** A last label that reads as a number (`127.1`, `2130706433`, `0x7f.1`) is an old form of an address, not a name. */
const NUMERIC_END = /(^|\.)(0x[0-9a-f]*|[0-9]+)$/;

const LOOPBACK4 = new BlockList();
LOOPBACK4.addSubnet("127.0.0.0", 8, "ipv4");
/** Only ::1 itself, however it is written; a mapped `::ffff:127.0.0.1` is not in it. */
const LOOPBACK6 = new BlockList();
LOOPBACK6.addAddress("::1", "ipv6");

/** A host name in the form that routes are compared in; `undefined` when it is none. */
export function normalizeHostname(text: string): string | undefined {
  const host = text.toLowerCase().replace(/\.$/, "");
  return host.length <= 253 && NAME.test(host) && !NUMERIC_END.test(host) ? host : undefined;
}

/** `host:port`, `[v6]:port` or, when a default port is given, without port. No user part, no blanks, nothing else. */
export function parseAuthority(text: string, defaultPort?: number): Authority | undefined {
  const match = /^(?:\[([0-9A-Fa-f:.]+)\]|([^\s:@/\\?#[\]]+))(?::([0-9]{1,5}))?$/.exec(text);
  if (!match) return undefined;
  const port = match[3] === undefined ? defaultPort : Number(match[3]);
  if (port === undefined || port < 1 || port > 65535) return undefined;
  if (match[1] !== undefined) {
    return isIPv6(match[1]) ? { host: match[1].toLowerCase(), port, kind: "ipv6" } : undefined;
  }
  const raw = match[2] ?? "";
  if (isIPv4(raw)) return { host: raw, port, kind: "ipv4" };
  const host = normalizeHostname(raw);
  return host === undefined ? undefined : { host, port, kind: "name" };
}

/** `http://host/path` as a proxy gets it (RFC 9112, 3.2.2), split into who and what; `undefined` for anything else. */
export function parseAbsoluteForm(
  text: string,
  scheme: "http" | "https",
): { authority: Authority; path: string } | undefined {
  const match = /^([a-z]+):\/\/([^/?#]*)([/?][^\s#]*)?$/i.exec(text);
  if (!match || match[1]?.toLowerCase() !== scheme) return undefined;
  const authority = parseAuthority(match[2] ?? "", scheme === "https" ? 443 : 80);
  if (!authority) return undefined;
  const rest = match[3] ?? "/";
  return { authority, path: rest.startsWith("/") ? rest : `/${rest}` };
}

/** Whether the fence lets a target through: emulated hosts on their scheme's port, and loopback. */
export function decide(target: Authority, scheme: "http" | "https", routes: ReadonlySet<string>): Verdict {
  if (target.kind === "ipv4" && LOOPBACK4.check(target.host, "ipv4")) {
    return { kind: "loopback", addresses: [target.host], port: target.port };
  }
  if (target.kind === "ipv6" && LOOPBACK6.check(target.host, "ipv6")) {
    return { kind: "loopback", addresses: ["::1"], port: target.port };
  }
  if (target.kind !== "name") return { kind: "refuse", reason: "it is an address outside loopback" };
  if (target.host === "localhost") {
    return { kind: "loopback", addresses: ["127.0.0.1", "::1"], port: target.port };
  }
  if (!routes.has(target.host)) return { kind: "refuse", reason: "no stand-in answers for this host" };
  const port = scheme === "https" ? 443 : 80;
  if (target.port !== port)
    return { kind: "refuse", reason: `the stand-in for this host answers on port ${port} only` };
  return { kind: "route", host: target.host };
}
