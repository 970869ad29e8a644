// Made of docs/permissions.md by `npx tsx scripts/snippets.ts`; change it there.

/** docs/permissions.md: Without privileges */
export async function withoutPrivileges(): Promise<void> {
const { netns } = await import('netloom');

await using box = await netns.createRootless();
await box.exec('ip', ['link', 'set', 'lo', 'up']);
const { stdout } = await box.exec('ip', ['-brief', 'link']);
console.log(stdout); // lo UNKNOWN … <LOOPBACK,UP,LOWER_UP>
}
