/** Multipart forms (RFC 7578), as far as scripts go up and come back in them: small, whole in memory. */

/** The parts by name, as text. `undefined` for what is not such a form. */
export function readMultipart(contentType: string, body: Buffer): Map<string, string> | undefined {
  const [, quoted, plain] = /^multipart\/form-data;.*?boundary=(?:"([^"]+)"|([^;\s]+))/.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return undefined;
  const parts = new Map<string, string>();
  // The first delimiter has no line break before it.
  const [, ...sections] = `\r\n${body.toString("utf8")}`.split(`\r\n--${boundary}`);
  for (const section of sections.slice(0, -1)) {
    const end = section.indexOf("\r\n\r\n");
    const [, name] = /^content-disposition: *form-data;.*?\bname="([^"]*)"/im.exec(section.slice(0, end)) ?? [];
    if (end < 0 || name === undefined) return undefined;
    parts.set(name, section.slice(end + 4));
  }
  return sections.at(-1)?.startsWith("--") === true ? parts : undefined;
}

/** A form with one file. */
export function writeMultipart(boundary: string, name: string, contentType: string, text: string): Buffer {
  const head = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="${name}"; filename="${name}"`,
    `Content-Type: ${contentType}`,
  ];
  return Buffer.from(`${head.join("\r\n")}\r\n\r\n${text}\r\n--${boundary}--\r\n`);
}
