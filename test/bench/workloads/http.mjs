// HTTP server and client in one process, keep-alive, several awaits per request.
import { once } from 'node:events';
import { Agent, createServer, request } from 'node:http';
const requests = Number(process.argv[2] ?? 60_000);
async function load(id) {
  return { id, name: `user ${id}` };
}
async function handle(id) {
  const user = await load(id);
  const friends = await Promise.all([load(id + 1), load(id + 2)]);
  return JSON.stringify({ user, friends });
}
const server = createServer(async (incoming, outgoing) => {
  const body = await handle(Number(incoming.url.slice(1)));
  outgoing.end(body);
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address();
const agent = new Agent({ keepAlive: true, maxSockets: 20 });
async function get(id) {
  const outgoing = request({ agent, port, host: '127.0.0.1', path: `/${id}` }).end();
  const [incoming] = await once(outgoing, 'response');
  let text = '';
  for await (const chunk of incoming) text += chunk;
  return JSON.parse(text);
}
async function client(from, to) {
  for (let id = from; id < to; id++) await get(id);
}
const clients = 20;
await Promise.all(Array.from({ length: clients }, (_, n) => client((n * requests) / clients, ((n + 1) * requests) / clients)));
agent.destroy();
server.close();
console.log(JSON.stringify(process.cpuUsage()));
