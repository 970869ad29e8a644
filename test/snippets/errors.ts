// Made of docs/errors.md by `npx tsx scripts/snippets.ts`; change it there.

/** docs/errors.md: Errors */
export async function errors(): Promise<void> {
const { addRoute, NetlinkError, PermissionError } = await import('netloom');

try {
  await addRoute({ to: 'default', via: '10.99.0.1' });
} catch (error) {
  if (error instanceof PermissionError) console.log('run it with', error.capability);
  else if (error instanceof NetlinkError && error.code === 'EEXIST') console.log('there is one already');
  else console.log(String(error));
}
}
