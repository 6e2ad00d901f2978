import { IsInt, IsNotEmpty, IsUrl, Max, Min, ValidateIf } from 'class-validator';
import { ServiceConfig, Setting } from '@kirisan/service';

/** What every channel's app is told; a channel with settings of its own extends it. */
export class IngestorConfig extends ServiceConfig {
  @Setting(
    'Address under which providers reach this service, such as https://hooks.example.com (default: http://HOST:PORT)',
  )
  @ValidateIf(({ publicUrl }: IngestorConfig) => publicUrl !== '')
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  publicUrl: string = '';

  @Setting('Keys that open sealed credentials, as id:base64 of 32 bytes, separated by commas', {
    secret: true,
  })
  @IsNotEmpty({ message: 'must hold at least one key, written id:base64' })
  secretKeys: string = '';

  @Setting('Requests of providers in work at a time; more are answered 503')
  @IsInt()
  @Min(1)
  @Max(100_000)
  maxConcurrentRequests: number = 1_000;

  @Setting('Requests a second from one address for one ingest URL; more are answered 429 (0: no limit)')
  @IsInt()
  @Min(0)
  maxRequestsPerSecond: number = 5_000;

  @Setting('Milliseconds that a provider may take to send a body; slower ones are answered 408')
  @IsInt()
  @Min(100)
  bodyTimeoutMs: number = 10_000;

  /** Without trailing slash. */
  get baseUrl(): string {
    if (this.publicUrl) return this.publicUrl.replace(/\/+$/, '');
    const host = ['0.0.0.0', '::', ''].includes(this.host) ? 'localhost' : this.host;
    return `http://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
  }
}
