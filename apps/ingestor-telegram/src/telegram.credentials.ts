/** What a device of this channel is set up with; the fields are described in `telegram.descriptor.ts`. */
export interface TelegramCredentials {
  /** `<bot id>:<secret>`, from BotFather. */
  botToken: string;
  /** Sent back by Telegram with every webhook; made by us when absent. */
  secretToken: string;
}

/** The bot's own id: the part of its token that stays when the token is renewed. */
export function botIdOf(botToken: string): string {
  return botToken.split(':', 1)[0]!;
}
