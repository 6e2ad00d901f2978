import { runService } from '@kirisan/service';
import { routerService } from './router.module.js';

await runService(routerService);
