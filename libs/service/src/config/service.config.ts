import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Max, Min, MinLength } from 'class-validator';
import { Setting } from './setting.js';

/** What every service is told. Each app extends it with its own settings. */
export class ServiceConfig {
  @Setting('Address that the HTTP server listens on')
  @IsString()
  host: string = '0.0.0.0';

  @Setting('Port of the HTTP server')
  @IsInt()
  @Min(0)
  @Max(65535)
  port: number = 3000;

  @Setting('How much is logged: fatal, error, warn, info, debug or trace')
  @IsIn(['fatal', 'error', 'warn', 'info', 'debug', 'trace'])
  logLevel: string = 'info';

  @Setting('Addresses of the nats-server or cluster, separated by commas')
  @IsNotEmpty({ message: 'must name a nats-server such as nats://nats:4222' })
  natsUrl: string = '';

  @Setting("The service's own user on NATS")
  @IsOptional()
  @IsString()
  natsUser: string = '';

  @Setting('Password of that user', { secret: true })
  @IsOptional()
  @IsString()
  natsPassword: string = '';

  @Setting('Token that other services must present on internal HTTP (at least 16 characters)', {
    secret: true,
  })
  @MinLength(16, { message: 'must be at least 16 characters long' })
  internalToken: string = '';

  @Setting('Previous internal token that is still taken while a new one is rolled out', { secret: true })
  @IsOptional()
  @IsString()
  previousInternalToken: string = '';

  @Setting('Milliseconds that work in progress may take to finish after SIGTERM')
  @IsInt()
  @Min(0)
  shutdownGraceMs: number = 10_000;
}
