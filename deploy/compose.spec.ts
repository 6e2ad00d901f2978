import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

interface ComposeService {
  image: string;
  build?: { args: { APP: string } };
  ports?: string[];
  environment?: Record<string, string>;
  networks: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  command?: string[];
  stop_grace_period?: string;
  restart?: string;
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  mem_limit?: string;
}

const root = join(import.meta.dirname, '..');
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as {
  services: Record<string, ComposeService>;
  networks: Record<string, { internal?: boolean } | null>;
};
const services = Object.entries(compose.services);
const apps = readdirSync(join(root, 'apps')).filter((name) =>
  existsSync(join(root, 'apps', name, 'package.json')),
);
const seconds = (duration = '10s') => Number(/^(\d+)s$/.exec(duration)?.[1]);

describe('docker-compose.yml', () => {
  it.each(apps)('has %s as a service that is built from the one Dockerfile', (app) => {
    const service = compose.services[app];
    expect(service).toMatchObject({ build: { args: { APP: app } }, restart: 'unless-stopped' });
    expect(service?.image).toMatch(new RegExp(`^kirisan/${app}:`));
    expect(service?.environment).toMatchObject({
      NATS_USER: app,
      NATS_PASSWORD: `\${NATS_PASSWORD_${app.toUpperCase().replaceAll('-', '_')}:?run deploy/make-secrets}`,
    });
  });

  it('publishes ingestors and the console alone', () => {
    const published = services.filter(([, { ports }]) => ports).map(([name]) => name);
    expect(published.sort()).toEqual(apps.filter((app) => /^(ingestor-.*|console)$/.test(app)).sort());
    const hostPorts = services.flatMap(([, { ports = [] }]) => ports);
    expect(new Set(hostPorts.map((port) => /:-(\d+)\}/.exec(port)?.[1])).size).toBe(hostPorts.length);
  });

  it('has no way to the outside but for those who need one', () => {
    const open = Object.keys(compose.networks).filter((name) => !compose.networks[name]?.internal);
    const outside = services.filter(([, { networks }]) => networks.some((name) => open.includes(name)));
    expect(outside.map(([name]) => name).sort()).toEqual(
      apps.filter((app) => /^(ingestor-.*|console|delivery-worker)$/.test(app)).sort(),
    );
  });

  it('lets only services with tables near PostgreSQL', () => {
    const near = services.filter(([, { networks }]) => networks.includes('database'));
    const withTables = near.filter(([name]) => name !== 'postgres').map(([, { environment }]) => environment);
    expect(withTables.length).toBeGreaterThan(0);
    for (const environment of withTables) expect(environment).toHaveProperty('DATABASE_URL');
  });

  it('holds no secret, and names what is missing', () => {
    const secret = /PASSWORD|TOKEN|SECRET|KEYS?$/;
    for (const [name, { environment = {} }] of services) {
      for (const [variable, value] of Object.entries(environment)) {
        if (secret.test(variable)) expect([name, variable, value]).toEqual([name, variable, inserted(value)]);
        expect(value).not.toMatch(/:\/\/[^/@]*:(?!\$\{)[^/@]*@/);
      }
    }
  });

  it('starts services after the migrations, and the migrations after the databases', () => {
    const migrations = services.filter(([, { command }]) => command?.includes('dist/migrate.js'));
    const migratable = apps.filter((app) => existsSync(join(root, 'apps', app, 'src/migrate.ts')));
    expect(migrations.map(([name]) => name).sort()).toEqual(migratable.map((app) => `migrate-${app}`).sort());
    for (const [, migration] of migrations) {
      expect(migration).toMatchObject({
        restart: 'no',
        depends_on: { postgres: { condition: 'service_healthy' }, nats: { condition: 'service_healthy' } },
      });
    }
    for (const app of apps) {
      for (const [name] of migrations) {
        const awaited = compose.services[app]?.depends_on?.[name];
        expect([app, awaited]).toEqual([app, { condition: 'service_completed_successfully' }]);
      }
    }
    for (const name of ['postgres', 'nats']) expect(compose.services[name]?.healthcheck?.test[0]).toBe('CMD');
  });

  it('gives every process less than it could ask for', () => {
    for (const [name, service] of services) {
      expect([name, service]).toEqual([
        name,
        expect.objectContaining({
          read_only: true,
          cap_drop: ['ALL'],
          security_opt: ['no-new-privileges:true'],
          mem_limit: expect.stringMatching(/^\d+[mg]$/),
        }),
      ]);
      if (name !== 'postgres') expect(service.cap_add).toBeUndefined();
    }
  });

  it('lets a delivery finish before its worker is killed', async () => {
    const config = readFileSync(join(root, 'apps/delivery-worker/src/delivery-worker.config.ts'), 'utf8');
    const number = (setting: string) =>
      Number(new RegExp(`${setting}: number = ([\\d_]+);`).exec(config)?.[1]?.replaceAll('_', ''));
    const grace = seconds(compose.services['delivery-worker']?.stop_grace_period) * 1_000;
    expect(number('shutdownGraceMs')).toBeGreaterThan(number('testTimeoutMs'));
    expect(grace).toBeGreaterThan(number('shutdownGraceMs'));
    for (const app of apps) {
      expect(seconds(compose.services[app]?.stop_grace_period)).toBeGreaterThan(10);
    }
  });
});

/** What a secret must look like: taken from the environment, an error without it, or empty by default. */
function inserted(value: string): string {
  const name = /^\$\{([A-Z0-9_]+):/.exec(value)?.[1];
  return value.endsWith(':-}') ? `\${${name}:-}` : `\${${name}:?run deploy/make-secrets}`;
}
