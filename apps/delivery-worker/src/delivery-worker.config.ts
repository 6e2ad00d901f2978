import { ServiceConfig, Setting } from '@kirisan/service';
import { IsBoolean, IsInt, IsNotEmpty, IsNumber, IsPort, IsString, Max, Min } from 'class-validator';

/** How much is delivered at a time, for how long a delivery may take, and whereto it may go. */
export class DeliveryWorkerConfig extends ServiceConfig {
  /** Longer than a test delivery, so that none is interrupted by an orderly stop. */
  override shutdownGraceMs: number = 50_000;

  @Setting('Keys that open sealed signing secrets, as id:base64 of 32 bytes, separated by commas', {
    secret: true,
  })
  @IsNotEmpty({ message: 'must hold at least one key, written id:base64' })
  secretKeys: string = '';

  @Setting('Whether http:// URLs may be delivered to')
  @IsBoolean()
  allowHttp: boolean = false;

  @Setting('Private targets that are allowed: CIDRs, addresses, and host:port, separated by commas')
  @IsString({ each: true })
  targetAllow: string[] = [];

  @Setting('The only ports that may be delivered to, separated by commas (default: any)')
  @IsPort({ each: true })
  targetPorts: string[] = [];

  @Setting('Deliveries in flight at a time')
  @IsInt()
  @Min(1)
  @Max(50_000)
  maxInFlight: number = 10_000;

  @Setting('Deliveries in flight to one endpoint; the surplus is parked')
  @IsInt()
  @Min(1)
  maxInFlightPerEndpoint: number = 500;

  @Setting('Deliveries in flight to an endpoint that keeps timing out; every answer adds one again')
  @IsInt()
  @Min(1)
  slowEndpointInFlight: number = 50;

  @Setting('Timeouts in a row after which an endpoint counts as one that keeps timing out')
  @IsInt()
  @Min(1)
  slowAfterTimeouts: number = 5;

  @Setting(
    'Share of all deliveries in flight that endpoints which leave requests unanswered may hold together',
  )
  @IsNumber()
  @Min(0.01)
  @Max(1)
  saturatedShare: number = 0.5;

  @Setting('Milliseconds that a match waits for a slot of an endpoint that answers, before it is parked')
  @IsInt()
  @Min(0)
  @Max(5_000)
  slotWaitMs: number = 250;

  @Setting('Milliseconds of a whole live exchange, from name lookup to the last byte')
  @IsInt()
  @Min(100)
  @Max(300_000)
  liveTimeoutMs: number = 30_000;

  @Setting('Milliseconds of a whole test exchange')
  @IsInt()
  @Min(100)
  @Max(300_000)
  testTimeoutMs: number = 45_000;

  @Setting('Test deliveries in flight at a time; more are refused')
  @IsInt()
  @Min(1)
  maxTestsInFlight: number = 100;

  @Setting('Milliseconds that a test delivery waits for its claim before it is given up')
  @IsInt()
  @Min(100)
  testClaimMs: number = 10_000;

  @Setting('Milliseconds after which an unanswered claim is asked for again')
  @IsInt()
  @Min(50)
  claimAskTimeoutMs: number = 2_000;

  @Setting('Milliseconds after the winning ask within which a POST may start; later it ends as not sent')
  @IsInt()
  @Min(50)
  claimStartMs: number = 5_000;

  @Setting(
    "Milliseconds after the winning ask within which a request may be written, lookup and connect included; less than the log service's INTERRUPT_AFTER_MS, so that no POST begins after its row was closed",
  )
  @IsInt()
  @Min(50)
  claimWriteMs: number = 15_000;

  @Setting(
    'Days after its acceptance from which on an event is not delivered; the same as in the log service',
  )
  @IsInt()
  @Min(1)
  @Max(3650)
  claimHorizonDays: number = 90;

  @Setting('Milliseconds after which a parked match ends as expired')
  @IsInt()
  @Min(100)
  parkedMaxAgeMs: number = 24 * 3_600_000;

  @Setting('Milliseconds between two looks at what is parked')
  @IsInt()
  @Min(100)
  parkedScanMs: number = 1_000;

  @Setting('Milliseconds between two signs of life')
  @IsInt()
  @Min(100)
  heartbeatMs: number = 2_000;

  @Setting('Messages of routed events in hand at a time')
  @IsInt()
  @Min(1)
  @Max(1_000)
  maxMessagesInHand: number = 32;
}
