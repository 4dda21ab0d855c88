/** Proves that the benchmark's distance changes when bytes arrive, and nothing else. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

import { type Distance, startDistance } from "../../../bench/compare/distance.js";

describe("benchmark: distance", () => {
  const RTT_MS = 40;
  const server = createServer({ allowHalfOpen: true }, (socket) => answer(socket));
  let answer: (socket: Socket) => void;
  let distance: Distance;

  before(async () => {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    distance = await startDistance((server.address() as AddressInfo).port, RTT_MS);
  });
  after(async () => {
    await distance.close();
    server.close();
  });

  const reach = () => connect({ port: distance.port, host: "127.0.0.1", allowHalfOpen: true });

  it("brings all bytes in their order, and the answer to a caller who has said all", async () => {
    answer = (socket) => {
      const held: Buffer[] = [];
      socket.on("data", (chunk: Buffer) => held.push(chunk)).on("end", () => socket.end(Buffer.concat(held)));
    };
    const sent = randomBytes(300_000);
    const socket = reach();
    for (let at = 0; at < sent.length; at += 10_000) {
      socket.write(sent.subarray(at, at + 10_000));
    }
    socket.end();
    const got: Buffer[] = [];
    for await (const chunk of socket) {
      got.push(chunk as Buffer);
    }
    assert.ok(Buffer.concat(got).equals(sent));
  });

  it("takes a round trip to connect, and one for a question and its answer", async () => {
    answer = (socket) => socket.pipe(socket);
    const begun = performance.now();
    const socket = reach();
    socket.write("?");
    await once(socket, "data");
    // A timer may fire a millisecond early.
    assert.ok(performance.now() - begun >= 2 * RTT_MS - 3);
    socket.destroy();
  });

  it("does not connect for a caller who broke off on the way", async () => {
    let came = 0;
    answer = (socket) => {
      came += 1;
      socket.pipe(socket);
    };
    const gone = reach();
    await once(gone, "connect");
    gone.resetAndDestroy();
    const later = reach();
    later.write("?");
    await once(later, "data");
    later.destroy();
    assert.equal(came, 1);
  });

  it("breaks off a connection that the other side broke off", async () => {
    answer = (socket) => socket.resetAndDestroy();
    await assert.rejects(once(reach(), "close"), { code: "ECONNRESET" });
  });
});
