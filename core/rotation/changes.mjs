// What changed between two texts of one flat sops file, told without opening either. sops keeps the initialization vector of
// a value that it writes again unchanged, under a new data key (`sops rotate`) too (getsops/sops, `aes/cipher.go`: the stash),
// so another vector is another value: unless the file was decrypted and encrypted anew, which draws all of them.
// Plain JavaScript without a dependency, for the pre-commit hook. Types: changes.d.mts.

/**
 * Keys by what became of them. `unknown`: in both texts, and the file was encrypted anew, so their ciphertext tells nothing.
 * `undefined` or an empty text is a file that is not there. A text that is no flat sops file has no keys.
 */
export function changedKeys(before, after) {
  const former = readCiphertext(before ?? "");
  const present = readCiphertext(after ?? "");
  const both = [...present.values.keys()].filter((key) => former.values.has(key));
  const others = both.filter((key) => former.values.get(key) !== present.values.get(key));
  const isAnew = others.length > 0 && others.length === both.length && hasNewDataKey(former, present);
  return {
    added: [...present.values.keys()].filter((key) => !former.values.has(key)),
    changed: isAnew ? [] : others,
    removed: [...former.values.keys()].filter((key) => !present.values.has(key)),
    unknown: isAnew ? others : [],
  };
}

/**
 * An edit leaves the encrypted data key of every recipient as it is; `updatekeys` and `rotate` write all of them anew. So
 * with one of them kept the data key is the same.
 */
function hasNewDataKey(former, present) {
  return ![...former.dataKeys].some((dataKey) => present.dataKeys.has(dataKey));
}

/** What is the same as long as the value is: the vector, or the whole of what is not of sops's form. */
function markOf(ciphertext) {
  return /^ENC\[AES256_GCM,data:[^,]*,(iv:[^,]+),/.exec(ciphertext)?.[1] ?? ciphertext;
}

const ENTRY = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s#"'][^:]*?)\s*:(?:\s+(.*))?$/;

/** The mark of each value by key, and the data key as encrypted to each recipient. */
function readCiphertext(text) {
  const values = new Map();
  const blocks = [];
  let key;
  let metadata = [];
  for (const line of text.split(/\r\n|\n/)) {
    const entry = ENTRY.exec(line);
    if (entry !== null) {
      key = unquote(entry[1]);
      if (key !== "sops") {
        values.set(key, markOf(entry[2] ?? ""));
      }
    } else if (key === "sops") {
      metadata.push(line.trim());
    } else if (key !== undefined && /^\s+\S/.test(line)) {
      values.set(key, `${values.get(key)}\n${line.trim()}`);
    }
  }
  for (let at = 0; at < metadata.length; at += 1) {
    const begun = /^(?:- )?enc:\s*(.*)$/.exec(metadata[at]);
    if (begun !== null) {
      blocks.push(begun[1].startsWith("|") ? armorAfter(metadata, at) : begun[1]);
    }
  }
  return { values, dataKeys: new Set(blocks) };
}

/** The lines of an age armor that begins behind a line. */
function armorAfter(lines, at) {
  const end = lines.findIndex((line, index) => index > at && line.startsWith("-----END"));
  return lines.slice(at + 1, end === -1 ? undefined : end + 1).join("\n");
}

function unquote(text) {
  if (text.startsWith('"')) {
    try {
      return String(JSON.parse(text));
    } catch {
      return text.slice(1, -1);
    }
  }
  return text.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text;
}
