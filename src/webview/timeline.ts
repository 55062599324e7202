import { pageHost } from './pageHost.ts';
import './timeline.css';
import { startTimelinePage } from './timelinePage.ts';

const host = pageHost();
addEventListener('error', (event) => host.post({ type: 'error', message: event.message }));
addEventListener('unhandledrejection', (event) => host.post({ type: 'error', message: String(event.reason) }));
startTimelinePage(document.getElementById('app') ?? document.body, host);
