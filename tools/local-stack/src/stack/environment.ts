import { natsLogin } from '../servers/nats.js';
import { DEVELOPMENT_SETTINGS, type ServiceSpec } from '../services.js';
import type { Credentials } from './credentials.js';
import type { Ports } from './ports.js';

/** Where the stack's servers are and how each service logs in. */
export interface StackFacts {
  ports: Ports;
  credentials: Credentials;
  databaseUrl: string;
  /** By role; without an entry the service logs in as the stack itself does. */
  ownerUrls: Record<string, string>;
  natsUrl: string;
  /** False if the nats-server is not ours, so that there is one user for everybody. */
  ownNatsUsers: boolean;
}

type Environment = Record<string, string>;

/** Name of the NATS user who may do everything: for migrations and for people. */
export const NATS_ADMIN = 'admin';

/** What a service is started with: the caller's environment, the development settings, its addresses and secrets. */
export function serviceEnvironment(
  facts: StackFacts,
  service: ServiceSpec,
  caller: NodeJS.ProcessEnv,
): Environment {
  return merge(
    caller,
    {
      ...natsEnvironment(facts, service.copyOf ?? service.name),
      ...databaseEnvironment(facts, service),
      PORT: String(facts.ports[service.name]),
      HOST: '127.0.0.1',
      ...service.env,
    },
    facts,
  );
}

/** What a migration is started with: as its service, but with all rights on NATS. */
export function migrationEnvironment(
  facts: StackFacts,
  service: ServiceSpec,
  caller: NodeJS.ProcessEnv,
): Environment {
  return merge(
    caller,
    {
      ...natsEnvironment(facts, NATS_ADMIN),
      ...databaseEnvironment(facts, service),
      ...service.env,
    },
    facts,
  );
}

/** A variable that is ours wins, and its `_FILE` form does not contradict it. */
function merge(
  caller: NodeJS.ProcessEnv,
  ours: Environment,
  { credentials, ports }: StackFacts,
): Environment {
  const own: Environment = {
    INTERNAL_TOKEN: credentials.password('internalToken'),
    SECRET_KEYS: credentials.secretKeys(),
    REGISTRY_URL: `http://127.0.0.1:${ports.registry}`,
    LOG_SERVICE_URL: `http://127.0.0.1:${ports['log-service']}`,
    ...ours,
  };
  const passed = Object.entries(caller).filter(
    ([name, value]) => value !== undefined && !FOREIGN.test(name) && !(name.replace(/_FILE$/, '') in own),
  );
  return { ...DEVELOPMENT_SETTINGS, ...(Object.fromEntries(passed) as Environment), ...own };
}

/** What belongs to the programs that started us, and a login that a service without a database must not have. */
const FOREIGN = /^(npm_|NX_|JEST_|KIRISAN_|NODE_OPTIONS$|NODE_ENV$|DATABASE_URL$|TEST_DATABASE_URL$)/;

function natsEnvironment(facts: StackFacts, user: string): Environment {
  const login = natsLogin(facts.natsUrl);
  if (facts.ownNatsUsers) {
    return { NATS_URL: login.servers, NATS_USER: user, NATS_PASSWORD: natsPassword(facts.credentials, user) };
  }
  return {
    NATS_URL: login.servers,
    ...(login.user ? { NATS_USER: login.user, NATS_PASSWORD: login.pass ?? '' } : {}),
  };
}

function databaseEnvironment(facts: StackFacts, { database }: ServiceSpec): Environment {
  return database ? { DATABASE_URL: facts.ownerUrls[database.role] ?? facts.databaseUrl } : {};
}

/** The password of a NATS user, made at first use. */
export function natsPassword(credentials: Credentials, user: string): string {
  return credentials.password(`nats:${user}`);
}
