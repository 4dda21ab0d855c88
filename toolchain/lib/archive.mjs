import { chmodSync, closeSync, createReadStream, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { basename } from "node:path";
import { createGunzip, inflateRawSync } from "node:zlib";

const BLOCK = 512;

/**
 * Takes named programs out of an official archive (.tar.gz, .zip, or the bare program). Entries are matched by their base
 * name and written where `targets` says, so nothing in an archive decides a path.
 *
 * @param {string} archive
 * @param {string} name the archive's name, whose ending tells the format
 * @param {Map<string, string>} targets file name of the program -> where it goes
 * @returns {Promise<string[]>} the programs that the archive does not hold
 */
export async function extract(archive, name, targets) {
  const found = name.endsWith(".tar.gz")
    ? await extractTarGz(archive, targets)
    : name.endsWith(".zip")
      ? extractZip(archive, targets)
      : extractBare(archive, targets);
  for (const program of found) chmodSync(/** @type {string} */ (targets.get(program)), 0o755);
  return [...targets.keys()].filter((program) => !found.has(program));
}

function extractBare(archive, targets) {
  const [[program, target]] = targets;
  writeFileSync(target, readFileSync(archive));
  return new Set([program]);
}

async function extractTarGz(archive, targets) {
  const found = new Set();
  const source = createReadStream(archive);
  const stream = source.pipe(createGunzip());
  source.once("error", (error) => stream.destroy(error));
  const bytes = reader(stream[Symbol.asyncIterator]());
  for (;;) {
    const header = await bytes.take(BLOCK);
    if (header.length < BLOCK || header.every((byte) => byte === 0)) break;
    const text = (from, to) => header.toString("latin1", from, to).split("\0", 1)[0];
    const size = Number.parseInt(text(124, 136).trim() || "0", 8);
    const program = basename(text(0, 100));
    const isFile = text(156, 157) === "0" || header[156] === 0;
    const target = isFile && !found.has(program) ? targets.get(program) : undefined;
    const padded = Math.ceil(size / BLOCK) * BLOCK;
    if (target === undefined) await bytes.pass(padded);
    else {
      const out = openSync(target, "w");
      try {
        await bytes.pass(size, (part) => writeSync(out, part));
      } finally {
        closeSync(out);
      }
      await bytes.pass(padded - size);
      found.add(program);
    }
  }
  stream.destroy();
  return found;
}

/** Reads a stream of chunks in given amounts. */
function reader(chunks) {
  let rest = Buffer.alloc(0);
  const more = async () => {
    const { value, done } = await chunks.next();
    if (!done) rest = rest.length > 0 ? Buffer.concat([rest, value]) : value;
    return !done;
  };
  return {
    /** @param {number} count @returns {Promise<Buffer>} fewer bytes only at the end */
    async take(count) {
      while (rest.length < count && (await more()));
      const part = rest.subarray(0, count);
      rest = rest.subarray(part.length);
      return part;
    },
    /** @param {number} count @param {(part: Buffer) => void} [sink] */
    async pass(count, sink) {
      let left = count;
      while (left > 0) {
        if (rest.length === 0 && !(await more())) throw new Error("the archive is cut off");
        const part = rest.subarray(0, left);
        rest = rest.subarray(part.length);
        left -= part.length;
        sink?.(part);
      }
    },
  };
}

function extractZip(archive, targets) {
  const zip = readFileSync(archive);
  const found = new Set();
  const end = zip.lastIndexOf(Buffer.from("PK\x05\x06", "latin1"));
  if (end < 0) throw new Error("the archive is cut off");
  let at = zip.readUInt32LE(end + 16);
  for (let left = zip.readUInt16LE(end + 10); left > 0; left--) {
    const method = zip.readUInt16LE(at + 10);
    const packed = zip.readUInt32LE(at + 20);
    const nameLength = zip.readUInt16LE(at + 28);
    const local = zip.readUInt32LE(at + 42);
    const program = basename(zip.toString("utf8", at + 46, at + 46 + nameLength));
    const target = found.has(program) ? undefined : targets.get(program);
    if (target !== undefined) {
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const data = zip.subarray(start, start + packed);
      writeFileSync(target, method === 0 ? data : inflateRawSync(data));
      found.add(program);
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return found;
}
