/** Random values that must not come out anywhere. */
import { randomBytes } from "node:crypto";

/** A value that occurs nowhere else. */
export function canary(): string {
  return `cny${randomBytes(12).toString("hex")}`;
}

/** The canaries found in `text`: plain, base64 at its three offsets, or hex. */
export function leaked(text: string, canaries: readonly string[]): string[] {
  return canaries.filter((value) => formsOf(value).some((form) => text.includes(form)));
}

function formsOf(value: string): string[] {
  const bytes = Buffer.from(value);
  const inBase64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    return encoded.slice(offset === 0 ? 0 : offset + 1, -2);
  });
  return [value, bytes.toString("hex"), ...inBase64];
}
