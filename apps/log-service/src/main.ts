import { runService } from '@kirisan/service';
import { LOG_SERVICE } from './log-service.options.js';

await runService(LOG_SERVICE);
