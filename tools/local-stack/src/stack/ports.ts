import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import { portTaken } from '../free-port.js';
import { channelOf, INGESTOR_PORTS, portSetting, SERVER_PORTS, type ServiceSpec } from '../services.js';
import { waitFor } from '../wait-for.js';

/** Port of everything that listens, by name: the services, `postgres` and `nats`. */
export type Ports = Record<string, number>;

/** A port that the stack needs is not free; the message says what to do. */
export class PortInUseError extends Error {}

/** Ports that nothing uses, for stacks beside others. */
export async function freePorts(names: string[]): Promise<Ports> {
  const servers = new Map<string, Server>();
  for (const name of names) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.set(name, server);
  }
  const ports: Ports = {};
  for (const [name, server] of servers) {
    ports[name] = (server.address() as AddressInfo).port;
    server.close();
    await once(server, 'close');
  }
  return ports;
}

/** The well-known ports, changed by settings such as `REGISTRY_PORT`. Those of channels are kept in `file`. */
export function fixedPorts(services: readonly ServiceSpec[], env: NodeJS.ProcessEnv, file: string): Ports {
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Ports) : {};
  const ports: Ports = { ...SERVER_PORTS };
  for (const { name, port } of services) {
    if (channelOf(name)) kept[name] ??= nextPort(Object.values(kept));
    ports[name] = port ?? kept[name] ?? nextPort(Object.values(kept));
  }
  writeFileSync(file, `${JSON.stringify(kept, null, 2)}\n`);
  for (const name of Object.keys(ports)) {
    const wish = env[portSetting(name)];
    if (wish) ports[name] = parsePort(portSetting(name), wish);
  }
  return ports;
}

/** Rejects with {@link PortInUseError} if a port stays taken; one of a process that is just ending becomes free. */
export async function demandFree(ports: Ports): Promise<void> {
  for (const [name, port] of Object.entries(ports)) {
    const free = waitFor(async () => !(await portTaken(port)), { timeoutMs: 2_000, intervalMs: 100 });
    await free.catch(() => {
      const setting = portSetting(name);
      throw new PortInUseError(
        `Port ${port} is taken by another program, and ${name} needs it. Choose another one: ${setting}=<port> npm start`,
      );
    });
  }
}

function nextPort(taken: number[]): number {
  for (let port: number = INGESTOR_PORTS.first; port <= INGESTOR_PORTS.last; port++) {
    if (!taken.includes(port)) return port;
  }
  return Math.max(INGESTOR_PORTS.last + 20, ...taken) + 1;
}

function parsePort(setting: string, text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new Error(`${setting}=${text} is not a port`);
}
