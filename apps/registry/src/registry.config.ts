import { IsBoolean, IsInt, IsNotEmpty, IsPort, IsString, Max, Min } from 'class-validator';
import { ServiceConfig, Setting } from '@kirisan/service';

/** Where the registry keeps its tables, what endpoint URLs it takes, and the keys that secrets are sealed with. */
export class RegistryConfig extends ServiceConfig {
  @Setting(
    'PostgreSQL of the registry (schema `registry`), such as postgres://user:password@host:5432/kirisan',
    {
      secret: true,
    },
  )
  @IsNotEmpty({
    message: 'must name a PostgreSQL database such as postgres://user:password@host:5432/kirisan',
  })
  databaseUrl: string = '';

  @Setting('Connections to PostgreSQL')
  @IsInt()
  @Min(2)
  @Max(100)
  databaseConnections: number = 8;

  @Setting(
    'Keys that seal secrets, as id:base64 of 32 bytes, separated by commas; the first seals, all open',
    {
      secret: true,
    },
  )
  @IsNotEmpty({ message: 'must hold at least one key, written id:base64' })
  secretKeys: string = '';

  @Setting('Whether endpoint URLs may begin with http://')
  @IsBoolean()
  allowHttp: boolean = false;

  @Setting(
    'Non-public targets that endpoints may reach: ranges, addresses and host:port, separated by commas',
  )
  @IsString({ each: true })
  targetAllow: string[] = [];

  @Setting('The only ports that endpoints may have, separated by commas (default: any)')
  @IsPort({ each: true })
  targetPorts: string[] = [];

  @Setting('Milliseconds that a test delivery may take, waiting for a worker included')
  @IsInt()
  @Min(1_000)
  testAnswerMs: number = 50_000;

  @Setting('Milliseconds between looks for changes that another copy left unpublished')
  @IsInt()
  @Min(10)
  outboxPollMs: number = 250;
}

/** What the one-shot migration is told. */
export class MigrationConfig {
  @Setting('PostgreSQL of the registry (schema `registry`)', { secret: true })
  @IsNotEmpty({
    message: 'must name a PostgreSQL database such as postgres://user:password@host:5432/kirisan',
  })
  databaseUrl: string = '';

  @Setting('Addresses of the nats-server or cluster, separated by commas')
  @IsNotEmpty({ message: 'must name a nats-server such as nats://nats:4222' })
  natsUrl: string = '';

  @Setting('User on NATS who may manage streams')
  @IsString()
  natsUser: string = '';

  @Setting('Password of that user', { secret: true })
  @IsString()
  natsPassword: string = '';

  @Setting('Copies of every stream: 1 on a single nats-server, 3 or 5 on a cluster')
  @IsInt()
  @Min(1)
  @Max(5)
  natsReplicas: number = 1;
}
