import { ServiceConfig, Setting } from '@kirisan/service';
import { IsInt, Max, Min } from 'class-validator';

/** How much is routed at a time, and what is too old to be. */
export class RouterConfig extends ServiceConfig {
  @Setting('Messages (batches of events) in hand at a time')
  @IsInt()
  @Min(1)
  @Max(1_000)
  maxMessagesInHand: number = 64;

  @Setting('Days after its acceptance for which an event may be delivered; the same everywhere')
  @IsInt()
  @Min(1)
  claimHorizonDays: number = 90;

  @Setting('Milliseconds that the registry may take to activate an endpoint')
  @IsInt()
  @Min(100)
  activationTimeoutMs: number = 3_000;
}
