import { IsInt, Max, Min } from 'class-validator';
import { Setting } from '@kirisan/service';
import { IngestorConfig } from '../ingestor.config.js';

/** What the app of a channel with a {@link Poller} is told; it extends this class. */
export class PollerConfig extends IngestorConfig {
  @Setting(
    'Milliseconds of the first pause after the provider could not be used; each further one is twice as long',
  )
  @IsInt()
  @Min(10)
  @Max(60_000)
  backoffMs: number = 1_000;

  @Setting('Milliseconds that no such pause exceeds, unless the provider asks for more')
  @IsInt()
  @Min(10)
  @Max(3_600_000)
  backoffMaxMs: number = 30_000;
}
