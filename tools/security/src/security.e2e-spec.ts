import { afterAll, beforeAll } from '@jest/globals';
import { hostileBodies } from './hostile-bodies.cases.js';
import { hostileControl } from './hostile-control.cases.js';
import { keyRotation } from './key-rotation.cases.js';
import { logLines } from './log-lines.cases.js';
import { plantedSecrets } from './planted-secrets.cases.js';
import { SecurityBed } from './security-bed.js';
import { targetGuard } from './target-guard.cases.js';

// One stack for everything: every service as a built process, PostgreSQL, nats-server.
const bed = new SecurityBed();
beforeAll(() => bed.start(), 180_000);
afterAll(() => bed.stop(), 90_000);

plantedSecrets(bed);
hostileBodies(bed);
hostileControl(bed);
targetGuard(bed);
logLines(bed);
// Last: it restarts almost everything.
keyRotation(bed);
