import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import axios, { type AxiosInstance, type AxiosResponse, isAxiosError } from 'axios';
import { asFilled, asNumber, asRecord, parseJson } from '@kirisan/channel-kit';
import { TelegramError, type TelegramFailure } from './telegram.error.js';

/** A hundred updates of the largest kind have some megabytes. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** Characters of Telegram's own explanation that are kept. */
const MAX_DESCRIPTION = 200;

/** One call of the Bot API. */
export interface TelegramCall {
  botToken: string;
  method: string;
  params?: Record<string, unknown>;
  /** Milliseconds until the whole answer must be there. */
  timeoutMs: number;
  /** Ends the call; it throws then. */
  signal: AbortSignal;
}

/** Client of the Bot API. The token is a part of its URLs, so nothing of axios' errors is ever passed on. */
export class TelegramApi {
  private readonly http: AxiosInstance;

  constructor(private readonly baseUrl: string) {
    this.http = axios.create({
      httpAgent: new HttpAgent({ keepAlive: true }),
      httpsAgent: new HttpsAgent({ keepAlive: true }),
      responseType: 'arraybuffer',
      maxContentLength: MAX_ANSWER_BYTES,
      // A redirect or a proxy would show the token to somebody else.
      maxRedirects: 0,
      proxy: false,
      validateStatus: () => true,
    });
  }

  /** Resolves with Telegram's `result`; integers beyond 2^53 in it are strings. Throws {@link TelegramError}. */
  async call(call: TelegramCall): Promise<unknown> {
    const response = await this.post(call);
    const answer = readAnswer(response);
    if (answer?.ok === true) return answer.result;
    throw refusal(call, response.status, answer);
  }

  private async post(call: TelegramCall): Promise<AxiosResponse<Buffer>> {
    const { botToken, method, params, timeoutMs, signal } = call;
    const deadline = new AbortController();
    const end = () => deadline.abort();
    const timer = setTimeout(end, timeoutMs);
    signal.addEventListener('abort', end, { once: true });
    try {
      if (signal.aborted) end();
      const url = `${this.baseUrl.replace(/\/+$/, '')}/bot${botToken}/${method}`;
      return await this.http.post<Buffer>(url, params ?? {}, { signal: deadline.signal });
    } catch (error) {
      throw new TelegramError(
        'unreachable',
        `Telegram can not be reached (${causeOf(error, deadline.signal)})`,
      );
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
    }
  }
}

function causeOf(error: unknown, deadline: AbortSignal): string {
  if (deadline.aborted) return 'no answer in time';
  return (isAxiosError(error) && error.code) || 'the call failed';
}

function readAnswer({ data }: AxiosResponse<Buffer>): Record<string, unknown> | undefined {
  try {
    return asRecord(parseJson(data));
  } catch {
    return undefined;
  }
}

function refusal(
  call: TelegramCall,
  status: number,
  answer: Record<string, unknown> | undefined,
): TelegramError {
  const code = asNumber(answer?.error_code) ?? status;
  const failure: TelegramFailure = answer?.ok === false ? failureOf(code) : 'broken';
  const said = describe(call, answer) ?? "an answer that is not the Bot API's";
  const retryAfter = asNumber(asRecord(answer?.parameters)?.retry_after) ?? 0;
  return new TelegramError(
    failure,
    `Telegram answered ${call.method} with ${code}: ${said}`,
    Math.max(0, retryAfter) * 1_000,
  );
}

function failureOf(code: number): TelegramFailure {
  if (code === 401 || code === 404) return 'unauthorised';
  if (code === 409) return 'conflict';
  if (code === 429) return 'throttled';
  return code >= 400 && code < 500 ? 'refused' : 'broken';
}

/** Telegram's explanation without anything that was secret in the call, should a server repeat it. */
function describe(
  { botToken, params }: TelegramCall,
  answer: Record<string, unknown> | undefined,
): string | undefined {
  let text = asFilled(answer?.description);
  for (const secret of [botToken, botToken.slice(botToken.indexOf(':') + 1), params?.secret_token]) {
    if (typeof secret === 'string' && secret !== '') text = text?.replaceAll(secret, '********');
  }
  return text?.slice(0, MAX_DESCRIPTION);
}
