/**
 * Ends the program when nobody reads any more what it prints: its engine was killed. The SDK would report the broken pipe
 * to the engine that is gone, for ever: a process that spins, grows, and holds every opened value (run: 3.4 GB after a
 * quarter of an hour).
 */
export function endWithTheEngine(streams: readonly NodeJS.WriteStream[] = [process.stdout, process.stderr]): void {
  for (const stream of streams) {
    stream.on("error", () => process.exit(1));
  }
}

/**
 * Fails a process that has nothing left to do while `work` is not done: something that it waits for will never come. The
 * engine would take such an end for success, and delete every resource that was not declared by then.
 */
export async function failUnlessDone<T>(work: Promise<T>): Promise<T> {
  const fail = () => {
    process.stderr.write("the program ended before it was done: a fault of p24 itself. Please report it.\n");
    process.exitCode = 1;
  };
  process.once("beforeExit", fail);
  try {
    return await work;
  } finally {
    process.off("beforeExit", fail);
  }
}
