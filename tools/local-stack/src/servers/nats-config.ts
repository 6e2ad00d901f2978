/** What a NATS user may do; a list that is missing allows everything. */
export interface NatsUser {
  user: string;
  password: string;
  publish?: readonly string[];
  subscribe?: readonly string[];
  /** May answer the requests that it receives, whatever subject the answer goes to. */
  allowResponses?: boolean;
}

/** Makes this server one node of a cluster, which JetStream replicas need. */
export interface NatsCluster {
  name: string;
  port: number;
  /** Cluster ports of all nodes on 127.0.0.1. */
  peers: readonly number[];
}

/** Facts that a nats-server configuration is written from. */
export interface NatsConfig {
  host?: string;
  port: number;
  serverName?: string;
  storeDir: string;
  users?: readonly NatsUser[];
  /** Writes to the disk before every acknowledgement: survives loss of power, costs speed. */
  syncAlways?: boolean;
  /** How often it writes to the disk otherwise, such as `30s`, or the environment variable that says so. */
  syncInterval?: string;
  /** Largest message in bytes; 8 MiB by default. */
  maxPayload?: number;
  cluster?: NatsCluster;
  /** Lines that are added as they are. */
  extra?: string;
}

const DEFAULT_MAX_PAYLOAD = 8 * 1024 * 1024;

/** The text of a nats-server configuration with JetStream on disk. */
export function renderNatsConfig(config: NatsConfig): string {
  const { host = '127.0.0.1', port, users = [], cluster } = config;
  return [
    `listen: ${quote(`${host}:${port}`)}`,
    ...(config.serverName ? [`server_name: ${quote(config.serverName)}`] : []),
    `max_payload: ${config.maxPayload ?? DEFAULT_MAX_PAYLOAD}`,
    'jetstream {',
    `  store_dir: ${quote(config.storeDir)}`,
    ...(config.syncAlways ? ['  sync_interval: always'] : []),
    ...(config.syncInterval ? [`  sync_interval: ${quote(config.syncInterval)}`] : []),
    '}',
    ...(users.length > 0 ? ['authorization {', '  users: [', ...users.map(renderUser), '  ]', '}'] : []),
    ...(cluster ? renderCluster(cluster) : []),
    ...(config.extra ? [config.extra] : []),
    '',
  ].join('\n');
}

function renderUser({ user, password, publish, subscribe, allowResponses }: NatsUser): string {
  const rights = [
    ...(publish ? [`publish: { allow: ${list(publish)} }`] : []),
    ...(subscribe ? [`subscribe: { allow: ${list(subscribe)} }`] : []),
    ...(allowResponses ? ['allow_responses: true'] : []),
  ];
  const permissions = rights.length > 0 ? `, permissions: { ${rights.join(', ')} }` : '';
  return `    { user: ${quote(user)}, password: ${quote(password)}${permissions} }`;
}

function renderCluster({ name, port, peers }: NatsCluster): string[] {
  const routes = peers.map((peer) => quote(`nats://127.0.0.1:${peer}`)).join(', ');
  return [
    'cluster {',
    `  name: ${quote(name)}`,
    `  listen: "127.0.0.1:${port}"`,
    `  routes: [${routes}]`,
    '}',
  ];
}

/** An empty list would allow everything; this denies everything instead. */
function list(subjects: readonly string[]): string {
  return subjects.length > 0 ? `[${subjects.map(quote).join(', ')}]` : '["_none_"]';
}

/** A password that starts with `$` names an environment variable and stays unquoted. */
function quote(text: string): string {
  return /^\$[A-Z_][A-Z0-9_]*$/.test(text) ? text : JSON.stringify(text);
}
