import type { Dispatcher } from 'undici';
import { keptResponseHeaders } from './headers.js';
import type { HttpConnection } from './http-connection.js';
import { OutboundError } from './outbound.errors.js';
import { BodyCollector, codingsOf, decode, toText } from './response-body.js';
import { type ResponseEnd, roundMs, type SendRequest, type SendResult } from './send-result.js';
import type { Target } from './target-guard.js';
import { errorFromSocket } from './transport-errors.js';

export interface AnswerLimits {
  /** Kept of a body after decompression, bytes. */
  maxBodyBytes: number;
  /** Read of a body before the connection is closed, bytes. */
  maxReadBytes: number;
}

/** What an exchange tells its sender. */
export interface ExchangeEvents {
  /** The connection can carry another request. */
  onReusable(connection: HttpConnection): void;
  /** A request was lost on a connection that had carried one before. */
  onLostOnReuse(connection: HttpConnection): void;
  /** A reused connection was gone before anything was written: nothing is lost. */
  onStale(exchange: Exchange): void;
  onEnd(exchange: Exchange, result: SendResult): void;
}

/** Before the final head of an answer; interim answers are slowed down long before. */
const MAX_BYTES_BEFORE_ANSWER = 4 * 1024 * 1024;
/** So that a cut between two characters is possible. */
const ONE_CHARACTER = 4;

interface Answer {
  status: number;
  headers: Record<string, string | string[]>;
  isCut: boolean;
  codings: string[];
  body: BodyCollector;
}

/** One POST from beginning to end; undici's handler of it. It ends exactly once, however its connection ends. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly startedAt = performance.now();
  readonly deadline: number;
  readonly timings: SendResult['timings'] = { totalMs: 0 };
  target!: Target;
  isOver = false;
  private connection: HttpConnection | undefined;
  private isWritten = false;
  private answer: Answer | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    readonly request: SendRequest,
    private readonly limits: AnswerLimits,
    private readonly events: ExchangeEvents,
  ) {
    this.deadline = this.startedAt + request.timeoutMs;
  }

  /** @throws OutboundError `claim_expired` if the request must not be begun any more. */
  checkStart(): void {
    const { startBefore } = this.request;
    if (startBefore !== undefined && performance.now() > startBefore)
      throw new OutboundError('claim_expired');
  }

  /** Sends the request on a connection that is ready. */
  run(connection: HttpConnection): void {
    this.connection = connection;
    // In the turn after the timer: an answer that came in time may wait behind a busy loop.
    this.timer ??= setTimeout(
      () => setImmediate(() => this.onTimeout()),
      Math.max(0, this.deadline - performance.now()),
    );
    const { url } = this.target;
    const { headers, body } = this.request;
    connection.dispatch(
      { path: url.pathname + url.search, method: 'POST', headers, body },
      this,
      MAX_BYTES_BEFORE_ANSWER,
      () => this.onExcess(),
    );
  }

  /** Ends the exchange for a reason that is not the server's. */
  fail(error: OutboundError): void {
    if (this.isOver) return;
    this.end();
    this.settle({
      verdict: this.isWritten ? 'sent_no_answer' : 'not_sent',
      error: { code: error.code, message: error.message },
      ...(error.detail === undefined ? {} : { detail: error.detail }),
    });
  }

  /** Ends the exchange at once; an answer whose status is known still counts. */
  cancel(error: OutboundError): void {
    if (this.isOver) return;
    if (this.answer !== undefined) this.finish('broken');
    else this.fail(error);
    this.connection?.destroy();
  }

  /** Called by undici in the turn in which it writes the request. */
  onRequestStart(controller: Dispatcher.DispatchController): void {
    if (this.isOver) {
      controller.abort(new OutboundError('internal'));
      return;
    }
    try {
      this.checkStart();
      this.isWritten = true;
    } catch (error) {
      this.fail(error as OutboundError);
      controller.abort(error as OutboundError);
    }
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (this.isOver || (status >= 100 && status < 200)) return;
    if (status < 100) {
      this.fail(new OutboundError('bad_response', `status ${status}`));
      this.connection?.destroy();
      return;
    }
    this.timings.firstByteMs = roundMs(performance.now() - this.startedAt);
    const { kept, isCut } = keptResponseHeaders(headers);
    const codings = codingsOf(String(headers['content-encoding'] ?? '')) ?? [];
    const room = codings.length > 0 ? this.limits.maxReadBytes : this.limits.maxBodyBytes + ONE_CHARACTER;
    this.answer = { status, headers: kept, isCut, codings, body: new BodyCollector(room) };
    this.connection?.limitBytes(this.limits.maxReadBytes);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    const { answer } = this;
    if (this.isOver || answer === undefined) return;
    answer.body.add(chunk);
  }

  onResponseEnd(): void {
    const { connection } = this;
    if (this.isOver || connection === undefined) return;
    this.finish('complete');
    // An answer that came before the request had left entirely: the rest would be taken for the next request.
    if (!connection.isFlushed) connection.destroy();
    // undici closes a connection that must not be reused right after this call.
    queueMicrotask(() => {
      if (connection.isOpen) this.events.onReusable(connection);
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, cause: Error): void {
    const { connection } = this;
    if (this.isOver || connection === undefined) return;
    connection.destroy();
    if (this.answer !== undefined) {
      this.finish('broken');
      return;
    }
    const error = errorFromSocket(cause);
    if (connection.isReused && !this.isWritten && error.code !== 'request_invalid') {
      this.events.onStale(this);
      return;
    }
    if (connection.isReused && (error.code === 'reset' || error.code === 'closed')) {
      this.events.onLostOnReuse(connection);
    }
    this.fail(error);
  }

  private onTimeout(): void {
    if (this.isOver) return;
    if (this.answer !== undefined) this.finish('timeout');
    else this.fail(new OutboundError('timeout', `after ${this.request.timeoutMs} ms`));
    this.connection?.destroy();
  }

  private onExcess(): void {
    if (this.answer !== undefined) this.finish('too_large');
    else this.fail(new OutboundError('bad_response', 'no end of the head'));
    this.connection?.destroy();
  }

  private finish(end: ResponseEnd): void {
    const { answer } = this;
    if (this.isOver || answer === undefined) return;
    this.end();
    if (answer.codings.length === 0) this.settleAnswer(answer, end, answer.body.bytes(), end === 'complete');
    else void this.decodeAndSettle(answer, end);
  }

  private async decodeAndSettle(answer: Answer, end: ResponseEnd): Promise<void> {
    const decoded = await decode(
      answer.body.bytes(),
      answer.codings,
      this.limits.maxBodyBytes + ONE_CHARACTER,
    );
    this.settleAnswer(answer, end, decoded.bytes, end === 'complete' && decoded.isWhole);
  }

  private settleAnswer(answer: Answer, end: ResponseEnd, bytes: Buffer, isWhole: boolean): void {
    const { text, isCut } = toText(bytes, this.limits.maxBodyBytes, isWhole);
    this.settle({
      verdict: 'answered',
      httpStatus: answer.status,
      responseHeaders: answer.headers,
      responseBody: text,
      responseTruncated: isCut || !isWhole || answer.isCut,
      responseEnd: end,
    });
  }

  private end(): void {
    this.isOver = true;
    clearTimeout(this.timer);
    this.timings.totalMs = roundMs(performance.now() - this.startedAt);
  }

  private settle(result: Omit<SendResult, 'durationMs' | 'timings'>): void {
    this.events.onEnd(this, { ...result, durationMs: this.timings.totalMs, timings: this.timings });
  }
}
