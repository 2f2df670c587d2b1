// Asks a STUN server once and prints the address in its answer: `node ask-stun.mjs HOST PORT`. Runs on a host of the test
// network, so it is a program of its own. IPv4 only. Ends with 1 when nothing comes within five seconds.
import { createSocket } from "node:dgram";
import { randomBytes } from "node:crypto";

const WITHIN_MS = 5_000;
const COOKIE = [0x21, 0x12, 0xa4, 0x42];

const [host, port] = process.argv.slice(2);
const request = Buffer.concat([Buffer.from([0, 1, 0, 0, ...COOKIE]), randomBytes(12)]);
const socket = createSocket("udp4");
const timer = setTimeout(() => {
  console.error(`no answer from ${host}:${port}`);
  process.exit(1);
}, WITHIN_MS);

socket.on("message", (reply) => {
  const isOurs = reply.readUInt16BE(0) === 0x0101 && reply.subarray(4, 20).equals(request.subarray(4, 20));
  const isMapped = reply.readUInt16BE(20) === 0x0020 && reply[25] === 1;
  if (!isOurs || !isMapped) throw new Error(`no answer to the request: ${reply.toString("hex")}`);
  const mapped = [...reply.subarray(28, 32)].map((byte, index) => byte ^ COOKIE[index]).join(".");
  console.log(`${mapped}:${reply.readUInt16BE(26) ^ 0x2112}`);
  clearTimeout(timer);
  socket.close();
});
socket.send(request, Number(port), host);
