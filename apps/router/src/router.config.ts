import { IsInt, Max, Min } from 'class-validator';
import { ServiceConfig, Setting } from '@kirisan/service';

/** How long matches are allowed, and how much is routed at a time. */
export class RouterConfig extends ServiceConfig {
  @Setting(
    'Days after its acceptance from which on an event is not delivered; the same as in the log service',
  )
  @IsInt()
  @Min(1)
  @Max(3650)
  claimHorizonDays: number = 90;

  @Setting('Messages of accepted events in hand at a time')
  @IsInt()
  @Min(1)
  @Max(1_000)
  maxMessagesInHand: number = 64;

  @Setting('Milliseconds that the registry may take to activate an endpoint on its first message')
  @IsInt()
  @Min(100)
  @Max(60_000)
  activationTimeoutMs: number = 3_000;
}
