import { openNodeInternals } from './nodeInternals.ts';

/** Imported before all else: modules of Node loaded later number resources of their own. */
export const internals = openNodeInternals();

const wrap = internals.binding<{ async_id_fields?: Float64Array; constants?: { kAsyncIdCounter?: number } }>('async_wrap');
const index = wrap?.constants?.kAsyncIdCounter;
const atStart = index === undefined ? undefined : wrap?.async_id_fields?.[index];

/** The ids that Node numbers asynchronous resources with go on as if the bootloader had made none. */
export function restoreAsyncIds(): void {
  if (index !== undefined && atStart !== undefined && wrap?.async_id_fields !== undefined) wrap.async_id_fields[index] = atStart;
}
