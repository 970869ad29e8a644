/** How much longer things may take here: an emulated machine (scripts/kernels) is slow, and limits are multiplied by this. */
export const patience = Number(process.env['NETLOOM_TIMEOUT_FACTOR'] ?? 1);
