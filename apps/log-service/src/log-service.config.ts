import { ServiceConfig, Setting } from '@kirisan/service';
import { IsInt, IsNotEmpty, Max, Min } from 'class-validator';

/** Where the log lives, how hard it may be used, and for how long it keeps what. */
export class LogServiceConfig extends ServiceConfig {
  @Setting('PostgreSQL of the log (schema `log`), such as postgres://user:password@host:5432/kirisan', {
    secret: true,
  })
  @IsNotEmpty({
    message: 'must name a PostgreSQL database such as postgres://user:password@host:5432/kirisan',
  })
  databaseUrl: string = '';

  @Setting('Connections for claims and outcomes')
  @IsInt()
  @Min(1)
  @Max(100)
  hotPathConnections: number = 4;

  @Setting(
    'Milliseconds after which a claim or a batch of outcomes gives up its statement, to be asked again',
  )
  @IsInt()
  @Min(100)
  hotPathTimeoutMs: number = 10_000;

  @Setting('Connections for lists, and as many again for single rows and upkeep')
  @IsInt()
  @Min(1)
  @Max(100)
  queryConnections: number = 4;

  @Setting('Milliseconds after which a query of the API gives up')
  @IsInt()
  @Min(100)
  queryTimeoutMs: number = 10_000;

  @Setting('Days for which a match is known to be claimed: within them it is never POSTed a second time')
  @IsInt()
  @Min(1)
  @Max(3650)
  claimHorizonDays: number = 90;

  @Setting('Days after which events and deliveries leave the log')
  @IsInt()
  @Min(1)
  @Max(3650)
  logRetentionDays: number = 30;

  @Setting(
    'Milliseconds of silence of a worker, in which this service was healthy itself, after which its open deliveries are closed as interrupted',
  )
  @IsInt()
  @Min(1_000)
  interruptAfterMs: number = 20_000;

  @Setting(
    'Milliseconds that a search may go on looking for more rows before it answers with what it has and a cursor',
  )
  @IsInt()
  @Min(1)
  @Max(5_000)
  searchBudgetMs: number = 25;

  @Setting('Milliseconds after which a statement of the ledger gives up')
  @IsInt()
  @Min(1_000)
  ledgerTimeoutMs: number = 30_000;

  @Setting('Milliseconds for which a match without a claim may be in no stream before the ledger says so')
  @IsInt()
  @Min(0)
  ledgerGraceMs: number = 60_000;

  @Setting(
    'Milliseconds after which the ledger lists an open delivery; longer than a POST and its closing take',
  )
  @IsInt()
  @Min(0)
  openTooLongMs: number = 180_000;

  @Setting('Messages of outcomes and unmatched events that this copy works on at a time')
  @IsInt()
  @Min(1)
  @Max(2_000)
  outcomeMessagesInHand: number = 256;
}
