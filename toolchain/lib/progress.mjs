const STILL_MS = 60_000;

/** @param {number} ms @returns {string} minutes and seconds, `4:05` */
export function clock(ms) {
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/**
 * Says what is under way: one line with running clocks on a terminal, plain lines elsewhere. Nothing is said about steps
 * that end at once.
 *
 * @param {{ quiet?: boolean, stream?: NodeJS.WriteStream }} [options]
 */
export function createProgress({ quiet = false, stream = process.stderr } = {}) {
  const live = !quiet && stream.isTTY === true && !process.env.CI;
  /** @type {Map<string, number>} */
  const running = new Map();
  let timer;
  const erase = () => live && stream.write("\r\u001b[K");
  const say = (line) => {
    if (quiet) return;
    erase();
    stream.write(`${line}\n`);
  };
  const draw = () => {
    const clocks = [...running].map(([label, since]) => `${label} ${clock(Date.now() - since)}`).join(" | ");
    if (live) {
      erase();
      stream.write(clocks.slice(0, (stream.columns ?? 80) - 1));
    } else if (!quiet) stream.write(`still at it: ${clocks}\n`);
  };
  return {
    /** One line, now. @param {string} line */
    note: (line) => say(line),
    /**
     * Runs a step with its clock shown.
     *
     * @template T
     * @param {string} label such as `building sops`
     * @param {() => Promise<T>} work
     * @returns {Promise<T>}
     */
    async step(label, work) {
      const since = Date.now();
      if (!live) say(label);
      running.set(label, since);
      timer ??= setInterval(draw, live ? 1_000 : STILL_MS);
      try {
        const result = await work();
        say(`${label}: done in ${clock(Date.now() - since)}`);
        return result;
      } catch (error) {
        say(`${label}: not done after ${clock(Date.now() - since)}`);
        throw error;
      } finally {
        running.delete(label);
        if (running.size === 0) {
          clearInterval(timer);
          timer = undefined;
          erase();
        }
      }
    },
  };
}
