import { IsInt, IsUrl, Max, Min } from 'class-validator';
import { PollerConfig } from '@kirisan/channel-kit';
import { Setting } from '@kirisan/service';

/** With `PUBLIC_URL` set Telegram is told to call us, without it we ask Telegram. */
export class TelegramConfig extends PollerConfig {
  @Setting('Base address of the Bot API: of Telegram, or of a Bot API server of your own')
  @IsUrl({ require_tld: false, protocols: ['http', 'https'], require_protocol: true })
  telegramApiUrl: string = 'https://api.telegram.org';

  @Setting('Seconds that Telegram keeps a poll open while there is nothing new')
  @IsInt()
  @Min(0)
  @Max(50)
  telegramPollSeconds: number = 30;

  @Setting('Milliseconds that an answer of the Bot API may take (of a poll: beyond its seconds)')
  @IsInt()
  @Min(100)
  @Max(120_000)
  telegramTimeoutMs: number = 15_000;

  @Setting('Connections that Telegram may make to us at a time for one bot')
  @IsInt()
  @Min(1)
  @Max(100)
  telegramMaxConnections: number = 40;

  @Setting('Milliseconds between two looks at whether the webhook is still registered and works')
  @IsInt()
  @Min(100)
  @Max(86_400_000)
  telegramCheckMs: number = 300_000;
}
