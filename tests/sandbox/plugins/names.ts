/** The names that tables use for what differs in every run, such as $PORT and the identities of the test. */
import { identities, testPassword } from "./sshIdentities.js";
import type { Plain } from "./wire.js";

/** Names that mean the same in every case. */
export const constants: Readonly<Record<string, string>> = {
  $HOSTKEY: identities.host.public,
  $RSAHOSTKEY: identities.hostRsa.public,
  $OTHERHOSTKEY: identities.stranger.public,
  $CLIENT: identities.client.private,
  $LOCKED: identities.clientLocked.private,
  $STRANGER: identities.stranger.private,
  $WORD: testPassword,
  $MUCH: "much ".repeat(1_000_000),
};

/** Puts this run's values in the place of names such as $PORT, or back. */
export class Names {
  private readonly values: [string, string | number][];
  constructor(constants: Readonly<Record<string, string>>) {
    this.values = Object.entries(constants);
  }
  set(name: string, value: string | number): void {
    this.values.push([name, value]);
  }
  in(value: Plain): Plain {
    return this.walk(value, (text) => {
      const whole = this.values.find(([name]) => name === text);
      if (whole !== undefined) return whole[1];
      return this.values.reduce<string>((t, [name, v]) => t.replaceAll(name, () => String(v)), text);
    });
  }
  out(value: Plain): Plain {
    const put = (text: string): string =>
      this.values.reduce((t, [name, v]) => t.replaceAll(String(v), () => name), text);
    return this.walk(value, put, (n) => this.values.find(([, v]) => v === n)?.[0] ?? n);
  }
  private walk(value: Plain, text: (t: string) => Plain, number: (n: number) => Plain = (n) => n): Plain {
    if (typeof value === "string") return text(value);
    if (typeof value === "number") return number(value);
    if (Array.isArray(value)) return value.map((v) => this.walk(v, text, number));
    if (value === null || typeof value !== "object") return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, this.walk(v, text, number)]));
  }
}
