"use strict";
/**
 * The command line program `docker` of the sandbox: sends its arguments to the stand-in's socket and prints the answer.
 * Started by a wrapper that the installer writes: node client.cjs SOCKET ARGUMENT…
 */
const { connect } = require("node:net");

const [socket, ...argv] = process.argv.slice(2);
const connection = connect(socket);
let answer = "";
connection.setEncoding("utf8");
connection.on("connect", () => connection.write(`${JSON.stringify({ argv, env: process.env, cwd: process.cwd() })}\n`));
connection.on("data", (chunk) => {
  answer += chunk;
});
connection.on("error", () => {
  process.stderr.write("Cannot connect to the sandbox's stand-in for Docker.\n");
  process.exitCode = 1;
});
connection.on("end", () => {
  if (answer === "") {
    process.exitCode = 1;
    return;
  }
  const { code, out, err } = JSON.parse(answer);
  process.stdout.write(out ?? "");
  process.stderr.write(err ?? "");
  process.exitCode = code;
});
