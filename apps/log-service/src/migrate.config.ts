import { Setting } from '@kirisan/service';
import { IsInt, IsNotEmpty, IsOptional, IsString, Max, Min } from 'class-validator';

/** What the migration command is told: users that may create a schema, and streams. */
export class MigrateConfig {
  @Setting('PostgreSQL of the log, with a user that owns or may create schema `log`', { secret: true })
  @IsNotEmpty({
    message: 'must name a PostgreSQL database such as postgres://user:password@host:5432/kirisan',
  })
  databaseUrl: string = '';

  @Setting('Addresses of the nats-server or cluster, separated by commas')
  @IsNotEmpty({ message: 'must name a nats-server such as nats://nats:4222' })
  natsUrl: string = '';

  @Setting('User on NATS that may manage JetStream')
  @IsOptional()
  @IsString()
  natsUser: string = '';

  @Setting('Password of that user', { secret: true })
  @IsOptional()
  @IsString()
  natsPassword: string = '';

  @Setting('Copies of every stream: 1 on a single server, 3 or 5 on a cluster')
  @IsInt()
  @Min(1)
  @Max(5)
  natsReplicas: number = 1;
}
