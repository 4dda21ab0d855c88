// @ts-check
/**
 * Judges what commits bring: every path, every content once, every message. Memory does not grow with contents, and with the
 * length of the history by 16 bytes a content.
 */
import { walkCommits } from "./git/commits.mjs";
import { Blobs } from "./git/blobs.mjs";
import { IdSet } from "./git/idSet.mjs";
import { ContentJudge, judgePath, kindOfPath } from "./judge.mjs";
import { MODE } from "./rules/names.mjs";
import { Scanner } from "./scan.mjs";
import { judgeText } from "./texts.mjs";

/** @typedef {import("./finding.mjs").Finding} Finding */
/** @typedef {import("./finding.mjs").Hit} Hit */

/**
 * Looks at a content beside the rules, for what only the caller knows: the team's own values.
 *
 * @typedef {object} Watcher
 * @property {(chunk: Buffer) => void} push
 * @property {() => Hit[]} end
 */

/**
 * @typedef {object} Judged
 * @property {number} commits
 * @property {number} contents
 * @property {number} bytes
 */

const KINDS = ["plain", "source", "rules", "example", "lock"];

/**
 * @param {string} root
 * @param {readonly string[]} revs arguments of git-rev-list(1)
 * @param {object} options
 * @param {NodeJS.ProcessEnv} [options.env]
 * @param {readonly string[]} [options.tags] annotated tags whose messages are judged too
 * @param {() => Watcher} [options.watch] one for each content, path and message
 * @param {(finding: Finding) => void} options.onFinding
 * @returns {Promise<Judged>}
 */
export async function judgeRange(root, revs, { env = process.env, tags = [], watch, onFinding }) {
  const blobs = new Blobs(root, env);
  const seen = new IdSet();
  const told = new Set();
  const judged = { commits: 0, contents: 0, bytes: 0 };

  /** @param {Finding} finding */
  const tell = (finding) => {
    const identity = [finding.blob, finding.path, finding.rule, finding.line, finding.name, finding.what].join("\0");
    if (!told.has(identity)) {
      told.add(identity);
      onFinding(finding);
    }
  };

  /**
   * @param {string} name what is asked for
   * @param {{ path: string, blob: string, commit: string }} place
   * @param {Watcher} judge
   * @param {Watcher} [watcher]
   */
  const look = (name, place, judge, watcher = watch?.()) => {
    let isThere = false;
    return blobs.ask(name, {
      begin: (info) => {
        isThere = info !== undefined;
        judged.bytes += info?.size ?? 0;
      },
      chunk: (chunk) => {
        judge.push(chunk);
        watcher?.push(chunk);
      },
      end: () => {
        const hits = isThere ? [...judge.end(), ...(watcher?.end() ?? [])] : [absent()];
        hits.forEach((hit) => tell({ ...hit, ...place }));
      },
    });
  };

  /**
   * @param {string} id
   * @param {string} what
   */
  const lookAtMessage = (id, what) => {
    const watcher = watch?.();
    const place = { path: `(${what})`, blob: id, commit: id };
    return look(id, place, new Message(new Scanner()), watcher === undefined ? undefined : new Message(watcher));
  };

  try {
    for (const tag of tags) {
      await lookAtMessage(tag, "message of a tag");
    }
    await walkCommits(root, revs, {
      env,
      onCommit: (id) => {
        judged.commits += 1;
        return lookAtMessage(id, "message of the commit");
      },
      onEntry: ({ commit, path, mode, blob }) => {
        const place = { path, blob, commit };
        judgePath(path, mode).forEach((hit) => tell({ ...hit, ...place }));
        const named = watch?.();
        named?.push(Buffer.from(path));
        named?.end().forEach((hit) => tell({ ...hit, ...place, what: `its name ${hit.what}` }));
        if (mode === MODE.module || !seen.add(blob, KINDS.indexOf(kindOfPath(path, mode)))) {
          return undefined;
        }
        judged.contents += 1;
        return look(blob, place, whole(new ContentJudge(path, mode), path));
      },
    });
  } finally {
    await blobs.close();
  }
  return judged;
}

/**
 * A content with the rules for its text as a whole.
 *
 * @param {ContentJudge} judge
 * @param {string} path
 * @returns {Watcher}
 */
function whole(judge, path) {
  return {
    push: (chunk) => judge.push(chunk),
    end: () => {
      const hits = judge.end();
      return judge.text === undefined ? hits : [...judgeText(judge.kind, judge.text, path).hits, ...hits];
    },
  };
}

/**
 * A commit's or tag's message can hold what no file does. Lines are counted from its first; what git writes above it is left
 * out.
 */
class Message {
  /** @type {Watcher} */
  #judge;
  /** @type {Buffer | undefined} */
  #head = Buffer.alloc(0);

  /** @param {Watcher} judge */
  constructor(judge) {
    this.#judge = judge;
  }

  /** @param {Buffer} chunk */
  push(chunk) {
    if (this.#head === undefined) {
      this.#judge.push(chunk);
      return;
    }
    const whole = Buffer.concat([this.#head, chunk]);
    const end = whole.indexOf("\n\n");
    this.#head = end < 0 ? whole : undefined;
    if (end >= 0) {
      this.#judge.push(whole.subarray(end + 2));
    }
  }

  end() {
    const repair = "reword the message before it is pushed, and rotate the value";
    return this.#judge.end().map((hit) => ({ ...hit, repair }));
  }
}

/** @returns {Hit} */
function absent() {
  const what = "cannot be read: this clone does not have its content";
  return { rule: "absent", what, repair: "git fetch --unshallow, or clone without a filter" };
}
