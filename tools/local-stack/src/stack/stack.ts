import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from '../process/server-process.js';
import { channelOf, type ServiceSpec } from '../services.js';
import { waitFor } from '../wait-for.js';
import { serviceEnvironment, type StackFacts } from './environment.js';
import { Keeper } from './keeper.js';
import { untilReady } from './ready.js';
import { ServiceLog } from './service-log.js';
import { serviceProcess } from './service-process.js';
import { removeStackFile, writeStackFile, type StackFile } from './stack-file.js';
import type { RunningStack, StackOptions } from './stack-options.js';

const READY_TIMEOUT_MS = 60_000;

/** The processes of a stack: what {@link startStack} fills and its caller gets. */
export class Stack implements RunningStack {
  private readonly keepers = new Map<string, Keeper>();
  private readonly logFiles = new Map<string, string>();
  private readonly serviceLogs: ServiceLog[] = [];
  private facts?: StackFacts;

  constructor(
    private readonly options: StackOptions,
    private readonly services: readonly ServiceSpec[],
    private readonly file: string,
  ) {}

  get stack(): StackFile {
    const { facts } = this;
    if (!facts) throw new Error('the stack is not up yet');
    const url = (name: string) => (facts.ports[name] ? `http://127.0.0.1:${facts.ports[name]}` : '');
    const channels = this.services.flatMap(({ name }) => channelOf(name) ?? []);
    return {
      registry: url('registry'),
      logService: url('log-service'),
      ...(facts.ports.console ? { console: url('console') } : {}),
      ingestors: Object.fromEntries(channels.map((channel) => [channel, url(`ingestor-${channel}`)])),
      internalToken: facts.credentials.password('internalToken'),
      databaseUrl: facts.databaseUrl,
      natsUrl: facts.natsUrl,
      pids: Object.fromEntries([...this.keepers].flatMap(([name, { pid }]) => (pid ? [[name, pid]] : []))),
    };
  }

  /** Watches over a server that runs already. */
  keep(name: string, server: Server, logFile: string): Keeper {
    const keeper = new Keeper(
      name,
      server,
      { changed: () => this.write(), note: (text) => this.options.onNote?.(text) },
      this.options.backoff,
    );
    this.keepers.set(name, keeper);
    this.logFiles.set(name, logFile);
    return keeper;
  }

  /** Starts every service at once and waits until all are ready. */
  async startServices(facts: StackFacts): Promise<void> {
    this.facts = facts;
    await Promise.all(this.services.map((service) => this.startService(service, facts)));
    await this.ready();
  }

  async ready(timeoutMs = this.options.readyTimeoutMs ?? READY_TIMEOUT_MS): Promise<void> {
    const awaited = this.services.map(({ name }) => ({ keeper: this.keeper(name), url: this.urlOf(name) }));
    await untilReady(awaited, timeoutMs);
  }

  async kill(name: string, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const keeper = this.keeper(name);
    const { pid } = keeper;
    keeper.signal(signal);
    if (signal === 'SIGKILL') await waitFor(() => keeper.pid !== pid, { what: `the end of ${name}` });
  }

  async restart(name: string): Promise<void> {
    const keeper = this.keeper(name);
    await keeper.restart();
    if (!this.services.some((service) => service.name === name)) return;
    await untilReady([{ keeper, url: this.urlOf(name) }], this.options.readyTimeoutMs ?? READY_TIMEOUT_MS);
  }

  takeDown(name: string): Promise<void> {
    return this.keeper(name).takeDown();
  }

  bringUp(name: string): Promise<void> {
    return this.keeper(name).start();
  }

  logs(name: string): string {
    const file = this.logFiles.get(name);
    return file && existsSync(file) ? readFileSync(file, 'utf8') : '';
  }

  async stop(): Promise<void> {
    const keepers = [...this.keepers];
    const isServer = (name: string) => name === 'postgres' || name === 'nats';
    await Promise.all(keepers.filter(([name]) => !isServer(name)).map(([, keeper]) => keeper.stop()));
    await this.keepers.get('nats')?.stop();
    await this.keepers.get('postgres')?.stop();
    await Promise.all(this.serviceLogs.map((log) => log.close()));
    this.facts = undefined;
    removeStackFile(this.file);
  }

  private async startService(service: ServiceSpec, facts: StackFacts): Promise<void> {
    const { name } = service;
    const log = new ServiceLog(join(this.options.dir, 'logs', `${name}.log`), (line) =>
      this.options.onLine?.(name, line),
    );
    this.serviceLogs.push(log);
    const env = { ...serviceEnvironment(facts, service, process.env), ...this.options.env };
    await this.keep(name, serviceProcess(service, env, log), log.file).start();
  }

  private urlOf(name: string): string {
    return `http://127.0.0.1:${this.facts?.ports[name]}`;
  }

  private keeper(name: string): Keeper {
    const keeper = this.keepers.get(name);
    if (!keeper)
      throw new Error(`no such service: ${name}; there are ${[...this.keepers.keys()].join(', ')}`);
    return keeper;
  }

  private write(): void {
    if (this.facts) writeStackFile(this.file, this.stack);
  }
}
