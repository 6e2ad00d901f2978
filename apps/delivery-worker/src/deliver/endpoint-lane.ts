/** Called with whether a slot was given; without one the match is to be parked. Throws never. */
type SlotDecision = (given: boolean) => void;

export interface SlotWaiter {
  /** `performance.now()`. */
  since: number;
  decide: SlotDecision;
  /** The worker stops. */
  giveUp: (error: Error) => void;
}

const REMEMBERED_PERIODS = 20;

/** The slots of one endpoint in this worker, and how it has answered lately. */
export class EndpointLane {
  /** Slots that are taken, from the claim to the end of the POST. */
  inFlight = 0;
  /** Slots now in force. */
  cap: number;
  /** Matches of the endpoint are parked: new ones go behind them. */
  hasBacklog = false;
  /** The backlog comes of a burst: the endpoint answers, and may have new matches beside it. */
  isOverrun = false;
  /** Called when a slot was given back; for whoever drains the backlog. */
  onFreed?: () => void;
  readonly waiters: SlotWaiter[] = [];
  /** It answered the last time it ended a POST. */
  hasAnswered = false;
  private timeoutsInARow = 0;
  private idlePeriods = 0;
  /** POSTs under way by when they began: in this period, in the one before, earlier. */
  private current = 0;
  private previous = 0;
  private unanswered = 0;

  constructor(
    readonly endpointId: string,
    private readonly fullCap: number,
  ) {
    this.cap = fullCap;
  }

  get isFull(): boolean {
    return this.inFlight >= this.cap;
  }

  /** New matches have to be parked behind those that are. */
  get isBehindBacklog(): boolean {
    return this.hasBacklog && !(this.isOverrun && this.inFlight * 2 < this.cap);
  }

  /** Fewer slots than usual, because it kept timing out. */
  get isReduced(): boolean {
    return this.cap < this.fullCap;
  }

  /** POSTs that have been waiting for their answer for more than a period. */
  get unansweredCount(): number {
    return this.unanswered;
  }

  /** Slots that may stay taken until the timeout, as far as anybody knows. */
  get suspectCount(): number {
    return this.hasAnswered ? this.unanswered : this.inFlight;
  }

  /** Most of what it was sent waits for an answer: its slots are not about to become free. */
  get isSlow(): boolean {
    return this.unanswered > 0 && this.unanswered * 2 >= this.posting;
  }

  /** Most slots wait for their claim: that is not the endpoint's fault. */
  get isMostlyClaiming(): boolean {
    return this.posting * 2 < this.inFlight;
  }

  /** Nothing to remember but that it answered, and that was long ago. */
  get isForgettable(): boolean {
    const { idlePeriods, waiters, hasBacklog, timeoutsInARow, isReduced } = this;
    return (
      idlePeriods >= REMEMBERED_PERIODS &&
      waiters.length === 0 &&
      !hasBacklog &&
      timeoutsInARow === 0 &&
      !isReduced
    );
  }

  beginPost(): void {
    this.current++;
  }

  /** `periods` that began since the POST did. */
  endPost(periods: number): void {
    if (periods === 0) this.current--;
    else if (periods === 1) this.previous--;
    else this.unanswered--;
  }

  /** A period is over. */
  age(): void {
    this.unanswered += this.previous;
    this.previous = this.current;
    this.current = 0;
    this.idlePeriods = this.inFlight === 0 ? this.idlePeriods + 1 : 0;
  }

  /** It answered, or refused at once: either way it does not keep slots. */
  noteAnswer(): void {
    this.hasAnswered = true;
    this.timeoutsInARow = 0;
    if (this.isReduced) this.cap++;
  }

  noteTimeout(slowAfter: number, slowCap: number): void {
    this.hasAnswered = false;
    this.timeoutsInARow++;
    if (this.timeoutsInARow >= slowAfter) this.cap = Math.min(slowCap, this.fullCap);
  }

  private get posting(): number {
    return this.current + this.previous + this.unanswered;
  }
}
