import { Setting } from '@kirisan/service';
import { IsNotEmpty } from 'class-validator';

/** What the migration command is told. */
export class MigrateConfig {
  @Setting('PostgreSQL of the log, with a user that owns or may create schema `log`', { secret: true })
  @IsNotEmpty({
    message: 'must name a PostgreSQL database such as postgres://user:password@host:5432/kirisan',
  })
  databaseUrl: string = '';
}
