/**
 * The commands of a document, in order. Blocks of code that begin with `sh` are run; a comment `# exit code N` behind a command
 * says what it ends with where that is not 0. Comments that no reader sees say the rest: `<!-- world: ACTION WORDS -->` what
 * happens in the world before the next block, `<!-- value -->` that its commands ask for a value, `<!-- by hand: REASON -->` why
 * the next block is not run.
 */
export interface Command {
  readonly line: number;
  readonly words: readonly string[];
  readonly code: number;
  readonly wantsValue: boolean;
}

export interface WorldAction {
  readonly line: number;
  readonly action: string;
  readonly words: readonly string[];
}

/** A block that is not run. */
export interface ByHand {
  readonly line: number;
  readonly reason: string | undefined;
}

export interface RunnableDocument {
  readonly steps: readonly (Command | WorldAction)[];
  readonly byHand: readonly ByHand[];
}

/** Reads a document. */
export function readDocument(markdown: string): RunnableDocument {
  const steps: (Command | WorldAction)[] = [];
  const byHand: ByHand[] = [];
  let fence: string | undefined;
  let note: string | undefined;
  for (const [index, raw] of markdown.split(/\r?\n/).entries()) {
    const text = raw.trim();
    const line = index + 1;
    const opening = /^`{3,}(\w*)/.exec(text);
    const comment = /^<!-- (.+) -->$/.exec(text)?.[1];
    if (fence !== undefined) {
      if (opening !== null) {
        fence = undefined;
        note = undefined;
      } else if (fence === "sh" && text !== "") {
        steps.push({ line, ...parse(text), wantsValue: note === "value" });
      }
    } else if (opening !== null) {
      fence = opening[1] ?? "";
      if (fence !== "sh") {
        byHand.push({ line, reason: note?.startsWith("by hand: ") === true ? note : undefined });
      }
    } else if (comment !== undefined) {
      note = comment;
      const [kind, action, ...words] = comment.split(" ");
      if (kind === "world:") {
        steps.push({ line, action: action ?? "", words });
      }
    }
  }
  return { steps, byHand };
}

function parse(text: string): Pick<Command, "words" | "code"> {
  const [, command = "", code = "0"] = /^(.*?)(?:\s+# exit code (\d+))?$/.exec(text) ?? [];
  return { words: wordsOf(command), code: Number(code) };
}

/** Words as PowerShell and a POSIX shell take them apart alike: blanks, double and single quotes, and nothing else. */
export function wordsOf(command: string): string[] {
  return (command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? []).map((word) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, "$1$2"),
  );
}
