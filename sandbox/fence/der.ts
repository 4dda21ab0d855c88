/**
 * The few DER encodings (ITU-T X.690) that an X.509 certificate needs. Each function returns the complete
 * encoding of one value: tag, length, content.
 */

function length(count: number): Buffer {
  if (count < 0x80) return Buffer.from([count]);
  const bytes: number[] = [];
  for (let rest = count; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256);
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

function value(tag: number, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

/** SEQUENCE of already encoded values. */
export const sequence = (...parts: Uint8Array[]): Buffer => value(0x30, Buffer.concat(parts));

/** SET of already encoded values. */
export const set = (...parts: Uint8Array[]): Buffer => value(0x31, Buffer.concat(parts));

/** Non-negative INTEGER from big-endian bytes. */
export function integer(bytes: Uint8Array): Buffer {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start += 1;
  const content = Buffer.from(bytes.subarray(start));
  return value(0x02, (content[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.from([0]), content]) : content);
}

/** OBJECT IDENTIFIER from its dotted form. */
export function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
  const bytes = [first * 40 + second];
  for (const arc of rest) {
    const groups = [arc % 128];
    for (let high = Math.floor(arc / 128); high > 0; high = Math.floor(high / 128)) groups.unshift(0x80 | (high % 128));
    bytes.push(...groups);
  }
  return value(0x06, Buffer.from(bytes));
}

/** BOOLEAN TRUE; DER leaves a default of FALSE out. */
export const yes = (): Buffer => value(0x01, Buffer.from([0xff]));

/** OCTET STRING. */
export const octets = (content: Uint8Array): Buffer => value(0x04, content);

/** BIT STRING; `unused` is the number of bits of the last byte that carry nothing. */
export const bits = (content: Uint8Array, unused = 0): Buffer =>
  value(0x03, Buffer.concat([Buffer.from([unused]), content]));

/** UTF8String. */
export const text = (content: string): Buffer => value(0x0c, Buffer.from(content, "utf8"));

/** UTCTime, in seconds; right for the years 1950 to 2049. */
export const time = (at: Date): Buffer =>
  value(0x17, Buffer.from(at.toISOString().replace(/[-:T]/g, "").slice(2, 14) + "Z", "ascii"));

/** Context-specific tag `[number]`, constructed: wraps encoded values. */
export const explicit = (number: number, ...parts: Uint8Array[]): Buffer => value(0xa0 | number, Buffer.concat(parts));

/** Context-specific tag `[number]`, primitive: replaces the tag of its content. */
export const implicit = (number: number, content: Uint8Array): Buffer => value(0x80 | number, content);
